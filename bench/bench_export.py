"""Export of a million data points, with stored prompts and with rendered ones."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.measure import Figure, seconds
from bench.synthetic import make_project
from core.commands import Dialect
from core.pipeline.known_prompts import work_out_prompts
from core.project import Project
from core.prompts.context import Line, PromptContext, conversation_text
from core.prompts.template import PromptTemplate, load_template
from core.store.connection import transaction

PER_STEP = 19
EXPORT = """
import sys
from pathlib import Path
from bench.measure import peak_memory_mib, seconds
from core.export.export import ExportOptions, export
from core.project import Project
before = peak_memory_mib()
took = seconds(lambda: export(Project(Path(sys.argv[1])), ExportOptions(Path(sys.argv[2])), reviewer="bench"))
print(took, before, peak_memory_mib())
"""


def run(*, quick: bool) -> list[Figure]:
    """A million data points (a fiftieth with `quick`): steps of 19 usable rephrasings each, five steps a conversation."""
    points = 20_000 if quick else 1_000_000
    figures = []
    template = load_template(None, Dialect.V2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        small = _project(folder / "small", points // 10, template, stored=True)
        _, _, small_peak = _export(small, folder / "out-small")
        project = _project(folder / "stored", points, template, stored=True)
        took, _, peak = _export(project, folder / "out-stored")
        rows = folder / "rows.db"
        count = _rows_table(folder / "out-stored", rows)
        bare = seconds(lambda: _bare_loop(rows, folder / "bare.jsonl"))
        figures += [
            Figure(f"export {count:,} data points, stored prompts", took / bare, "×", 2.5, "read rows, orjson.dumps, write"),
            Figure("export, stored prompts, rows per second", count / took, "rows/s"),
            Figure("peak memory, ten times the data points", peak / small_peak, "×", 1.5, "a tenth of the data points"),
            Figure("peak memory of the export", peak, "MiB"),
        ]
        project = _project(folder / "rendered", points, template, stored=False)
        took, _, _ = _export(project, folder / "out-rendered")
        # The naive loop is slow enough that a share of the rows tells its speed.
        share = min(count, 20_000)
        naive = seconds(lambda: _naive_loop(project, template, folder / "naive.jsonl", share)) * count / share
        figures += [
            Figure(f"export {count:,} data points, rendered prompts", took / naive, "×", 0.5, "render, dumps, write"),
            Figure("export, rendered prompts, rows per second", count / took, "rows/s"),
        ]
    return figures


def _export(project: Project, out: Path) -> tuple[float, float, float]:
    """In a process of its own, so that its memory is its own: seconds, MiB before, peak MiB."""
    done = subprocess.run(
        [sys.executable, "-c", EXPORT, str(project.root), str(out)], check=True, capture_output=True, text=True
    )
    took, before, peak = map(float, done.stdout.split())
    return took, before, peak


def _project(folder: Path, points: int, template: PromptTemplate, *, stored: bool) -> Project:
    project = make_project(folder, points * PER_STEP // (PER_STEP + 1), per_step=PER_STEP)
    connection = project.open()
    with transaction(connection):
        connection.execute("UPDATE rephrasing SET verdict = 'same'")
        connection.execute("UPDATE verdict SET verdict = 'same'")
        if stored:
            connection.executemany(
                "INSERT INTO prompt (step_id, source_id, line, stored) VALUES (?, 1, 1, ?)",
                [(step, template.render(context)) for step, context in _contexts(connection)],
            )
            _place(connection, template)
        else:
            connection.executemany(
                "INSERT INTO prompt (step_id, source_id, line, context) VALUES (?, 1, 1, ?)",
                [(step, context.to_json()) for step, context in _contexts(connection)],
            )
            work_out_prompts(connection, template)
    connection.close()
    return project


def _place(connection: sqlite3.Connection, template: PromptTemplate) -> None:
    """What ingest works out by taking each prompt apart (measured with ingest), found here by searching."""
    rows = []
    for step, context in _contexts(connection):
        prompt = template.render(context)
        history, message = conversation_text(context.history), context.user_message
        start, said = prompt.index(history), prompt.rindex(message)
        places = (start, start + len(history), said, said + len(message))
        rows.append((template.sha256, f"skeleton {step}", *places, step))
    connection.executemany(
        "UPDATE prompt SET template_sha256 = ?, known = 1, skeleton = ?, history_start = ?, history_end = ?,"
        " message_start = ?, message_end = ? WHERE step_id = ?",
        rows,
    )


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


def _rows_table(out: Path, rows: Path) -> int:
    """The same data points as rows of a table, for the bare loop to read."""
    database = sqlite3.connect(rows)
    database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, prompt TEXT, completion TEXT)")
    for side in ("train", "val"):
        with (out / f"4_train_test_split/ft_splits/{side}.jsonl").open("rb") as file:
            database.executemany(
                "INSERT INTO row (prompt, completion) VALUES (:prompt, :completion)", (orjson.loads(line) for line in file)
            )
    database.commit()
    (count,) = database.execute("SELECT count(*) FROM row").fetchone()
    database.close()
    return int(count)


def _bare_loop(rows: Path, out: Path) -> None:
    database = sqlite3.connect(rows)
    with out.open("wb") as file:
        for prompt, completion in database.execute("SELECT prompt, completion FROM row"):
            file.write(orjson.dumps({"prompt": prompt, "completion": completion}))
            file.write(b"\n")
    database.close()


def _naive_loop(project: Project, template: PromptTemplate, out: Path, count: int) -> None:
    """Render, dump and write each data point on its own."""
    connection = project.open()
    written = 0
    with out.open("wb") as file:
        for step_id, context in _contexts(connection):
            texts = connection.execute("SELECT text FROM rephrasing WHERE step_id = ?", (step_id,)).fetchall()
            for (text,) in [(context.user_message,), *texts]:
                history = (*context.history[:-1], Line("USER", text))
                prompt = template.render(PromptContext(context.variables, history, text))
                file.write(json.dumps({"prompt": prompt, "completion": "start flow renew_loan"}, ensure_ascii=False).encode())
                file.write(b"\n")
                written += 1
                if written >= count:
                    connection.close()
                    return
