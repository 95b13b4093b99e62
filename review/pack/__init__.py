"""Rounds without a server: a file handed out, files handed in."""
