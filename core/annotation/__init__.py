"""Annotate: every test is run with a model that finds the commands; what passes becomes an annotated conversation."""
