"""From a decided project to a dataset and its files: compose, clear of duplicates, split, render, store, export."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure
from bench.synthetic import make_project
from core.commands import Dialect
from core.pipeline.known_prompts import work_out_prompts
from core.project import Project
from core.prompts.context import Line, PromptContext
from core.prompts.template import load_template
from core.store.connection import transaction

PER_STEP = 19
DATASET = """
import sys
from pathlib import Path
from bench.measure import peak_memory_mib, seconds
from core.dataset.build import build
from core.dataset.models import DatasetOptions
from core.export.export import export_dataset
from core.export.options import ExportOptions
from core.project import Project
project = Project(Path(sys.argv[1]))
versions = []
built = seconds(lambda: versions.append(build(project, DatasetOptions(), reviewer="bench")))
exported = seconds(
    lambda: export_dataset(project, versions[0], ExportOptions(project.root / "out"), reviewer="bench")
)
print(built, exported, peak_memory_mib(), sum(versions[0].points.values()))
"""
PEER = """
import sys
from pathlib import Path
from bench.measure import peak_memory_mib, seconds
from datasets import load_dataset
rows, scratch = sys.argv[1:3]

def run():
    found = load_dataset("json", data_files=rows, split="train", cache_dir=scratch + "/cache")
    found = found.map(lambda row: {"prompt": row["prompt"], "completion": row["completion"].strip()})
    sides = found.train_test_split(test_size=0.2, seed=42)
    for side in sides:
        sides[side].to_json(f"{scratch}/{side}.jsonl")

print(seconds(run), peak_memory_mib())
"""


def run(*, quick: bool) -> list[Figure]:
    """10,000, 100,000 and a million data points (a hundredth with `quick`): steps with 19 usable rephrasings each, in
    conversations of five steps; a fifth of all texts answers one and the same question."""
    sizes = [100, 1_000, 10_000] if quick else [10_000, 100_000, 1_000_000]
    figures: list[Figure] = []
    found: dict[int, tuple[float, float, int]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            project = _project(Path(scratch) / "project", size)
            built, exported, peak, points = _run(DATASET, str(project.root))
            found[size] = (built + exported, peak, int(points))
            figures += [
                Figure(f"build and export of {size:,} composed data points", built + exported, "s"),
                Figure(f"of these the export, {size:,}", exported, "s"),
                Figure(f"peak memory, {size:,}", peak, "MiB"),
            ]
            if size == sizes[-1]:
                took, memory = _run(PEER, str(_all_rows(project)), scratch)
                figures += [
                    Figure(
                        f"build and export of {size:,}", (built + exported) / took, "×", 1.0, "datasets: map, split, to_json"
                    ),
                    Figure("peak memory", peak / memory, "×", 1.0, "datasets: map, split, to_json"),
                ]
    (small_took, small_peak, small), (took, peak, many) = (found[size] for size in sizes[-2:])
    figures += [
        Figure("time per data point, ten times as many", (took / many) / (small_took / small), "×", 1.3, "a tenth of them"),
        Figure("peak memory, ten times the data points", peak / small_peak, "×", 1.5, "a tenth of them"),
    ]
    return figures


def _run(script: str, *arguments: str) -> list[float]:
    """In a process of its own, so that its memory is its own: the figures that it prints."""
    done = subprocess.run([sys.executable, "-c", script, *arguments], check=True, capture_output=True, text=True)
    return [float(figure) for figure in done.stdout.splitlines()[-1].split()]


def _project(folder: Path, points: int) -> Project:
    project = make_project(folder, points * PER_STEP // (PER_STEP + 1), per_step=PER_STEP)
    connection = project.open()
    with transaction(connection):
        connection.execute("UPDATE rephrasing SET verdict = 'same'")
        connection.execute("UPDATE verdict SET verdict = 'same'")
        _reword(connection)
        connection.executemany(
            "INSERT INTO prompt (step_id, source_id, line, context) VALUES (?, 1, 1, ?)",
            [(step, context.to_json()) for step, context in _contexts(connection)],
        )
        work_out_prompts(connection, load_template(None, Dialect.V2))
    connection.close()
    return project


def _reword(connection: sqlite3.Connection) -> None:
    """Texts of 6 to 14 words out of 900 in the place of those that differ in their numbers only."""
    chance = random.Random(7)
    letters = "abdefgiklmnoprstuvz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(900)]
    (last,) = connection.execute("SELECT max(id) FROM rephrasing").fetchone()
    texts = ((" ".join(chance.choices(words, k=chance.randint(6, 14))), id_) for id_ in range(1, last + 1))
    connection.executemany("UPDATE rephrasing SET text = ? WHERE id = ?", texts)


def _all_rows(project: Project) -> Path:
    """The rows of all parts in one file, for the peer to read."""
    path = project.root / "rows.jsonl"
    with path.open("wb") as whole:
        for part in sorted((project.root / "out/4_train_test_split/ft_splits").iterdir()):
            whole.write(part.read_bytes())
    return path


def _contexts(connection: sqlite3.Connection) -> Iterator[tuple[int, PromptContext]]:
    """A state per step: eleven flows with slots, a history of all earlier turns."""
    flows = [
        {"name": f"flow_{number}", "description": f"do the thing number {number} for a member of the library",
         "slots": [{"name": f"slot_{number}_{slot}", "description": "what the user wants it to be"} for slot in range(3)]}
        for number in range(11)
    ]  # fmt: skip
    for transcript, ids in connection.execute(
        "SELECT c.transcript, (SELECT group_concat(id) FROM (SELECT s.id FROM user_step s WHERE s.conversation_id = c.id"
        " ORDER BY s.ordinal)) FROM conversation c ORDER BY c.id"
    ):
        turns = json.loads(transcript)
        for ordinal, step_id in enumerate(map(int, ids.split(","))):
            active = None if ordinal == 0 else f"flow_{ordinal}"
            variables = {
                "available_flows": flows,
                "flow_slots": [
                    {"name": f"slot_{ordinal}_0", "value": "undefined", "type": "text", "description": "what is wanted"}
                ],
                "current_flow": active,
                "current_slot": f"slot_{ordinal}_0" if active else None,
                "current_slot_description": "what is wanted",
                "current_slot_type": "text",
                "current_slot_allowed_values": None,
            }
            lines = [Line("USER" if turn["kind"] == "user" else "AI", turn["text"]) for turn in turns[: 2 * ordinal + 1]]
            yield step_id, PromptContext(variables, tuple(lines), lines[-1].text)
