"""Decisions of people: the queue, the append-only decision log, filters."""
