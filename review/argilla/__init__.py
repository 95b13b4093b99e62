"""Rounds on an Argilla server: pushed, pulled, never a hard dependency.

The SDK keeps the connection (`connection.py`); everything that is said over it stands in `server.py`.
"""
