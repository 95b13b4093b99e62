"""Laptops of people: a clone of the same project each, with a database of its own, and what they do with files."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.project import Project, create_project
from core.store.connection import transaction
from review.decisions import DecisionLog
from review.models import Decision
from review.pack.answers import HandIn, write_hand_in
from review.pack.hand_out import HandedOut, Wanted, write_pack
from review.pack.merging import Merged, merge
from review.pack.models import MARK
from review.pack.opening import OpenedPack, open_pack
from tests.review.small import Step, add_conversation, start

STEPS = (
    Step(
        "I want to renew my book",
        [
            ("please renew my book", "same"),
            ("renew the book I have", "same"),
            ("return my book", "different"),
            ("again?", None),
        ],
    ),
    Step("the one about harbour birds", [("harbour birds", "ambiguous")], commands=start("find_title")),
    Step("/affirm", [("yes", None)], commands=start("confirm"), button=True),
)
OTHER_STEPS = (Step("is it open", [("are you open", None), ("opening hours?", None)], commands=start("opening_hours")),)
TEXTS = ("please renew my book", "renew the book I have", "return my book", "again?", "harbour birds")
"""Of the records of a round of everything: all but the button's, of the first conversation."""

EVERYTHING = "[team]\nthreshold = 0.0\n"


def clone(folder: Path, *, others_first: bool = False, team: str = EVERYTHING) -> Project:
    """The same tests. `others_first`: another test came in before them, so that every id is another one."""
    folder.mkdir(parents=True)
    project, _ = create_project(folder)
    project.config_path.write_text(f'[project]\nname = "library"\n{team}', encoding="utf-8")
    with closing(project.open()) as connection, transaction(connection):
        if others_first:
            add_conversation(connection, OTHER_STEPS, file="e2e_tests/hours.yml", name="asks for the hours")
        add_conversation(connection, STEPS)
    return project


def hand_out(project: Project, out: Path, **wanted: Any) -> HandedOut:
    """Of the test that all clones have."""
    with closing(project.open()) as connection:
        found = write_pack(project, connection, out, Wanted(**{"filter_text": "file:loans", **wanted}), reviewer="maker")
    assert found is not None
    return found


def hand_out_again(project: Project, out: Path, name: str = "round-1", **wanted: Any) -> HandedOut:
    with closing(project.open()) as connection:
        found = write_pack(project, connection, out, Wanted(name, **wanted), reviewer="somebody else")
    assert found is not None
    return found


def take_in(project: Project, *paths: Path, by: str | None = None) -> Merged:
    with closing(project.open()) as connection:
        return merge(project, connection, paths, by=by, reviewer="maker")


@contextmanager
def at_work(pack: OpenedPack) -> Iterator[tuple[DecisionLog, dict[str, int]]]:
    """The log that the app writes to, and the ids of the rephrasings by their texts."""
    with closing(pack.project.open()) as connection:
        ids = dict(connection.execute("SELECT text, id FROM rephrasing WHERE active = 1").fetchall())
        yield DecisionLog(connection, pack.reviewer, "app"), ids


def answer_in_app(path: Path, reviewer: str, decisions: dict[str, Decision]) -> HandIn:
    """Open a hand-out, decide on these texts, and leave."""
    pack = open_pack(path, reviewer)
    with at_work(pack) as (log, ids):
        for text, decision in decisions.items():
            log.decide([ids[text]], decision)
    return write_hand_in(pack)


def fill_in(path: Path, answers: dict[str, dict[str, Any]], *, out: Path | None = None) -> Path:
    """Write answers into a hand-out as a person with an editor does, by the text of the rephrasing."""
    rows = lines_of(path)
    for row in rows[1:]:
        row.update(answers.get(row["rephrasing"], {}))
    return write_lines(path if out is None else out, rows)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path: Path, rows: Iterable[dict[str, Any] | str], *, at: float | None = None) -> Path:
    """`at`: when the file was changed, in seconds since 1970."""
    texts = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    if at is not None:
        os.utime(path, (at, at))
    return path


def hand_in_of(hand_out_path: Path, person: str, answers: Sequence[dict[str, Any]], path: Path) -> Path:
    """A hand-in with these lines, whatever they hold."""
    header = lines_of(hand_out_path)[0]
    kept = {key: header[key] for key in (MARK, "project", "round", "key", "dialect", "overlap", "made_by", "made_at")}
    return write_lines(path, [{**kept, "kind": "hand-in", "annotator": person}, *answers])


def ids_of(path: Path) -> dict[str, str]:
    """External id by the text of the rephrasing."""
    return {row["rephrasing"]: row["id"] for row in lines_of(path)[1:]}


def answers_in(project: Project) -> list[tuple[str, str, str | None, str | None, str | None]]:
    """Who says what in force: annotator, text handed out, decision (or status), corrected text, comment."""
    with closing(project.open()) as connection:
        return connection.execute(
            "SELECT a.annotator, t.text, coalesce(a.decision, a.status), a.text, a.comment FROM team_answer a"
            " JOIN team_record t ON t.id = a.record_id WHERE a.in_force = 1 ORDER BY a.annotator, t.id"
        ).fetchall()


def outcomes(project: Project) -> dict[str, str]:
    """By the text that was handed out."""
    with closing(project.open()) as connection:
        return dict(connection.execute("SELECT text, outcome FROM team_record ORDER BY id").fetchall())


def everything(project: Project) -> list[tuple[Any, ...]]:
    """All rows of what merging may write, for tests that nothing was changed."""
    tables = (
        "team_round",
        "team_record",
        "team_answer",
        "team_conflict",
        "decision",
        "decision_group",
        "rephrasing",
        "user_step",
    )
    with closing(project.open()) as connection:
        return [row for table in tables for row in _rows(connection, table)]


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def take_in_whole(home: Project, *paths: Path, by: str | None = None) -> None:
    """Raises with the problems in its text; asserts that nothing was changed."""
    before = everything(home)
    try:
        take_in(home, *paths, by=by)
    except InputError as error:
        assert everything(home) == before
        raise InputError("\n".join(map(str, error.problems)).replace("\n", " ")) from error


def answer_line(id_: str, decision: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "decision": decision, **more}


def two_people_answer(pack: Path, tmp_path: Path) -> list[Path]:
    """Each on a laptop of their own: they share nothing but what was mailed."""
    answers = {
        "ann": {
            "please renew my book": Decision.ACCEPT,
            "return my book": Decision.REJECT,
            "again?": Decision.FLAG,
            "harbour birds": Decision.ACCEPT,
        },
        "bob": {
            "please renew my book": Decision.ACCEPT,
            "return my book": Decision.REJECT,
            "again?": Decision.SKIP,
            "harbour birds": Decision.REJECT,
        },
    }
    mailed = []
    for name, decisions in answers.items():
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(pack, folder)
        answer_in_app(folder / pack.name, name, decisions)
        mailed.append(Path(shutil.copy(folder / f"round-1-{name}.answers.jsonl", tmp_path)))
        shutil.rmtree(folder)
    return mailed
