"""Validate: whether a rephrasing says what its step says. Only this stage sets a verdict."""
