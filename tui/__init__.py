"""Every face in the terminal: the command line and the Textual app."""
