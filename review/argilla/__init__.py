"""Rounds on an Argilla server: pushed, pulled, never a hard dependency."""
