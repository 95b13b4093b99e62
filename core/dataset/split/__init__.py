"""Divide a dataset into train, val and holdout, and say what came of it."""

from core.dataset.split.divide import divide
from core.dataset.split.models import Components, Division, PointKeys, RecipeLeaks, SplitUnit, TableRow

__all__ = ["Components", "Division", "PointKeys", "RecipeLeaks", "SplitUnit", "TableRow", "divide"]
