"""What a dataset version is worth: how varied its wordings are beside the originals, and which rows add something."""
