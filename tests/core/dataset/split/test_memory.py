"""Memory: a few arrays, nothing per data point but numbers."""

from __future__ import annotations

import tracemalloc
from array import array

import pytest

from core.dataset.split import PointKeys, SplitUnit, divide


def peak(points: int) -> int:
    units = [SplitUnit(id_, 20, {f"flow:{id_ % 7}": 20, "command:a": 10}) for id_ in range(points // 20)]
    keys = PointKeys(array("I", (point // 20 for point in range(points))), array("I", range(points)))
    tracemalloc.start()
    try:
        divide(units, keys, strategy="components", train_frac=0.8, seed=1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_data_point_takes_some_tens_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.dataset.split.improve._EFFORT", 0)  # needs no memory, but much time while memory is traced
    assert (peak(20_000) - peak(10_000)) / 10_000 < 60
