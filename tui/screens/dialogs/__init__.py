"""Dialogs: modal screens that answer with a value, None if they were left. None stands in the fast loop."""
