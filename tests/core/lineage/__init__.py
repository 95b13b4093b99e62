"""The lineage of data points, both ways."""
