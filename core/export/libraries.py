"""The libraries that only some formats need. They are imported when such a format is written, and never before."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from core.errors import UsageError
from core.export.options import ExportFormat

LIBRARIES = {ExportFormat.PARQUET: ("pyarrow",), ExportFormat.HF: ("pyarrow", "datasets")}
"""What a format cannot be written without."""


def library(name: str, *, what_for: str) -> Any:
    """
    Raises:
        UsageError: it is not installed; says what to install.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"{what_for} needs the package `{error.name or name}`, which is not installed",
            remedy="pip install 'finetune-workbench[hf]'",
        ) from error
