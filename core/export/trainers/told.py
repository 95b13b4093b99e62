"""What the last preflight of a dataset found and was told. A trainer that is told otherwise makes another run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """`model`: as it was named; `folder`: its absolute path, None if it is a name on the hub. `form`: `chat` or `plain`.

    `needed`, `advised`: tokens of the longest row, and what to train with.
    """

    model: str
    folder: str | None
    form: str
    needed: int
    advised: int
    pad_token: str | None
    eos_token: str | None
    template_options: Mapping[str, Any]


def last_told(connection: sqlite3.Connection, dataset_id: int) -> Told | None:
    """None without a preflight."""
    row = connection.execute(
        "SELECT model, report, parameters FROM preflight WHERE dataset_id = ? ORDER BY id DESC LIMIT 1", (dataset_id,)
    ).fetchone()
    if row is None:
        return None
    report, asked = json.loads(row[1]), json.loads(row[2])
    target, lengths = report["target"], report["lengths"]
    # `folder` is missing in reports of earlier code: the name is then all that is known.
    return Told(
        str(row[0]), target.get("folder"), target["form"], lengths["needed"], lengths["advised"],
        asked.get("pad_token"), asked.get("eos_token"), asked.get("template_options") or {},
    )  # fmt: skip
