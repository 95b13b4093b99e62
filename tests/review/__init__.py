"""Tests of the review store: the decision log, filters, the queue."""
