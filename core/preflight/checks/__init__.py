"""The checks of a preflight, by what they look at."""
