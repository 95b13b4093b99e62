"""Datasets: from the decided project to rows that are composed, cleared of duplicates, split, stored and named."""
