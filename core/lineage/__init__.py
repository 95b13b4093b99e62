"""Why a row is as it is, and what becomes of a test: the lineage of data points, both ways."""
