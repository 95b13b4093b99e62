"""The commands of `workbench`, one module per group. None imports Textual at module level."""
