"""Writes `docs/benchmarks.md` from `bench/results/*.json`, so that the page says what was last measured and nothing else."""

from __future__ import annotations

import json
from typing import Any

from bench.measure import RESULTS

PAGE = RESULTS.parent.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench` from `bench/results/*.json`. A figure with a limit is a ratio against a peer measured in the same run,
in turns with it, or a limit a user would notice; the others are told for orientation. Keys are measured in a real
pseudo-terminal, from the key to the last byte the app writes for it.
"""


def page(results: list[dict[str, Any]]) -> str:
    """The page in Markdown: one table per bench, in the order given."""
    parts = [INTRODUCTION]
    for result in results:
        machine = ", ".join(f"{key} {value}" for key, value in result["machine"].items())
        parts.append(f"## {result['bench']}\n\n{result['date']} · {machine}\n")
        rows = ["| figure | measured | limit | against |", "|---|--:|--:|---|"]
        for figure in result["figures"]:
            limit = "" if figure["limit"] is None else f"≤ {figure['limit']:g}{'' if figure['ok'] else ' **missed**'}"
            rows.append(f"| {figure['name']} | {figure['value']:,.2f} {figure['unit']} | {limit} | {figure['peer']} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def write() -> None:
    """Rewrites the page."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    write()
