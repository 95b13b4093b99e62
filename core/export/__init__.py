"""Exports: a dataset version in the formats that trainers and the recipe read."""
