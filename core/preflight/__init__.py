"""Preflight: proves on a CPU that a dataset survives training and serving with the model it is meant for."""
