"""A small ferry assistant in files, and what the tests do with a project again and again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.commands import Dialect
from core.dataset.build import build
from core.dataset.models import DatasetOptions, DatasetVersion
from core.export.export import export_dataset
from core.export.options import ExportFormat, ExportOptions
from core.pipeline.ingest import ingest
from core.pipeline.ingest_report import IngestReport
from core.project import Project
from core.store.stored_commands import to_stored
from review.decisions import DecisionLog

TESTS = """\
test_cases:
- test_case: buys a ticket
  steps:
  - user: two tickets to the island
  - bot: For which day?
  - user: next Friday
  - bot: Done.
"""

ANNOTATIONS = """\
conversations:
- original_test_case: e2e_tests/tickets.yml::buys a ticket
  steps:
  - user: two tickets to the island
    llm_commands:
    - start flow buy_ticket
    - set slot ticket_count 2
  - bot: For which day?
  - user: next Friday
    llm_commands:
    - set slot travel_day Friday
  - bot: Done.
"""

REPHRASINGS = """\
conversations:
- original_test_case: e2e_tests/tickets.yml::buys a ticket
  steps:
  - user: two tickets to the island
    llm_commands:
    - start flow buy_ticket
    - set slot ticket_count 2
    passing_rephrasings:
    - I need a pair of island tickets
    - the island, twice please
    failing_rephrasings:
    - one ticket to the island
  - bot: For which day?
  - user: next Friday
    llm_commands:
    - set slot travel_day Friday
    passing_rephrasings:
    - on Friday
    failing_rephrasings: []
  - bot: Done.
"""

CONTEXTS = """\
prompt_contexts:
  flows:
  - name: buy_ticket
    description: sell a ticket for the ferry
    slots:
    - name: ticket_count
      type: float
    - name: travel_day
      type: text
  tests:
  - test: e2e_tests/tickets.yml::buys a ticket
    steps:
    - user: two tickets to the island
      active_flow: null
      asked_slot: null
      slots: {}
      replies: [For which day?]
    - user: next Friday
      active_flow: buy_ticket
      asked_slot: travel_day
      slots: {ticket_count: 2}
      replies: [Done.]
"""

FILES = {
    "e2e_tests/tickets.yml": TESTS,
    "annotations/tickets.yml": ANNOTATIONS,
    "rephrasings/tickets.yml": REPHRASINGS,
    "contexts.yml": CONTEXTS,
}


def write(project: Project, name: str, text: str) -> Path:
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_all(project: Project, files: dict[str, str] | None = None) -> None:
    for name, text in (files or FILES).items():
        write(project, name, text)


PLAIN = "`start flow x` or `set slot x y`\n{{ current_conversation }}\n###\n{{ user_message }}"
"""A template of the user's own, in dialect V2, that prints the conversation and the message and nothing else."""


def use_template(project: Project, text: str = PLAIN) -> Project:
    """The project with a template of its own."""
    (project.root / "own.jinja2").write_text(text, encoding="utf-8")
    project.config_path.write_text('[project]\nprompt_template = "own.jinja2"\n')
    return Project(project.root)


def talk(row: dict[str, Any]) -> str:
    """Conversation and message of a row made with `PLAIN`, the conversation's lines joined by ` / `."""
    conversation, message = str(row["prompt"]).split("\n", 1)[1].split("\n###\n")
    return f"{' / '.join(conversation.strip().splitlines())} ## {message}"


def take(project: Project, *names: str) -> IngestReport:
    """Ingest files or folders of the project; none: all of it."""
    with closing(project.open()) as connection:
        return ingest(project, connection, [project.root / name for name in names or (".",)], reviewer="tester")


def put(project: Project, name: str, text: str) -> IngestReport:
    """Write a file and ingest it."""
    return take(project, str(write(project, name, text).relative_to(project.root)))


def query(project: Project, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(project.database_path)) as connection:
        return connection.execute(sql, parameters).fetchall()


def dump(project: Project) -> list[str]:
    """The whole database as SQL."""
    with closing(sqlite3.connect(project.database_path)) as connection:
        return list(connection.iterdump())


def states(project: Project) -> dict[str, str]:
    """State by text of all rephrasings that are part of the project."""
    names = ("undecided", "accept", "reject", "skip", "flag", "stale")
    return {text: names[state] for text, state in query(project, "SELECT text, state FROM rephrasing WHERE active = 1")}


def decide(project: Project, decision: str, *texts: str) -> None:
    """Record a decision on the rephrasings with these texts."""
    ids = [query(project, "SELECT id FROM rephrasing WHERE text = ? AND active = 1", text)[0][0] for text in texts]
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").decide_many([(id_, decision, None) for id_ in ids])


def correct(project: Project, step_id: int, command: str) -> None:
    """Record a correction of a step's commands."""
    with closing(project.open()) as connection:
        DecisionLog(connection, "tester", "test").correct(step_id, to_stored((command,), Dialect.V2)[0])


@dataclass(frozen=True)
class Built:
    """What a build says of itself, as the tests ask for it."""

    version: DatasetVersion

    def counts(self, name: str) -> tuple[int, int, int]:
        """Of a line of the table: train, val, all."""
        row = self.version.summary["table"].get(name, {"train": 0, "val": 0, "all": 0})
        return row["train"], row["val"], row["all"]

    @property
    def rephrasings(self) -> dict[str, Any]:
        return dict(self.version.summary["rephrasings"])

    @property
    def notes(self) -> dict[str, int]:
        return dict(self.version.summary["notes"])

    @property
    def duplicates(self) -> int:
        left_out = self.version.summary["left_out"]
        return int(left_out["exact duplicate"] + left_out["near-duplicate"])

    @property
    def rendered_again(self) -> int:
        return int(self.version.summary["rendered_again"])

    @property
    def later_left_out(self) -> list[tuple[str, str]]:
        return self.places("left_out_after_changed_commands")

    @property
    def without_prompt(self) -> list[tuple[str, str]]:
        return self.places("steps_left_out")

    @property
    def shortfalls(self) -> list[str]:
        return list(self.version.summary["split"]["shortfalls"])

    def places(self, name: str) -> list[tuple[str, str]]:
        """A list of the summary as (place, reason)."""
        return [(one["where"], one["reason"]) for one in self.version.summary[name]]


def built(project: Project, **options: Any) -> Built:
    """Build a dataset: everything into train and only exact duplicates out, if not told otherwise."""
    asked = DatasetOptions(**{"train_frac": 1.0, "near_duplicates": 1.0, **options})
    return Built(build(project, asked, reviewer="tester"))


def write_out(project: Project, *, full_tree: bool = False, shape: str = "instruction", **options: Any) -> Built:
    """Build a dataset as `built` does and export it to `out` in the project's folder."""
    found = built(project, **options)
    wanted = ExportOptions(project.root / "out", ExportFormat(shape), full_tree)
    export_dataset(project, found.version, wanted, reviewer="tester")
    return found


def written(project: Project, split: str = "train") -> list[dict[str, Any]]:
    return read_rows(project.root / f"out/4_train_test_split/ft_splits/{split}.jsonl")


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tree_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def jsonl(rows: Iterable[object]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def conversation(name: str, steps: Sequence[tuple[str, Sequence[str], Sequence[str]]], file: str = "e2e_tests/t.yml") -> str:
    """One conversation of a rephrasings file: (text, commands, passing rephrasings) of each user step, a bot turn after it."""
    lines = [f"- original_test_case: {json.dumps(f'{file}::{name}', ensure_ascii=False)}", "  steps:"]
    for text, commands, passing in steps:
        quoted = [json.dumps(item, ensure_ascii=False) for item in (text, *commands, *passing)]
        lines += [f"  - user: {quoted[0]}", f"    llm_commands: [{', '.join(quoted[1 : 1 + len(commands)])}]"]
        lines += [f"    passing_rephrasings: [{', '.join(quoted[1 + len(commands) :])}]", "  - bot: ok"]
    return "\n".join(lines) + "\n"


def contexts(tests: Mapping[str, Sequence[str]], file: str = "e2e_tests/t.yml") -> str:
    """A context outside any flow for every user step of these tests."""
    state: dict[str, Any] = {"active_flow": None, "asked_slot": None, "slots": {}, "replies": ["ok"]}
    described = [
        {"test": f"{file}::{name}", "steps": [{"user": text, **state} for text in texts]} for name, texts in tests.items()
    ]
    flows = [{"name": "buy_ticket", "description": "sell a ticket"}]
    return json.dumps({"prompt_contexts": {"flows": flows, "tests": described}}, ensure_ascii=False)
