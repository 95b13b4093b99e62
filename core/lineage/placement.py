"""Where the texts of a step stand in a dataset, or why they do not."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.commands import Dialect
from core.dataset.corpus import Conversation, SelectionCounts, read_corpus
from core.dataset.models import DatasetVersion, Part
from core.dataset.selection import VERDICT_IS_STALE, LeftOutBecause, Rephrasings, why_row_left_out
from core.lineage.models import LeftOutFact, RowPlace, TextRows
from core.store.failing import FAILING
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS, WORDING

_ORDER = "lineage_order"
_OF_STEP = (
    f"SELECT r.id, {WORDING}, r.state, r.verdict, {VERDICT_IS_STALE}, {OF_OTHER_WORDS} FROM rephrasing r"
    " JOIN user_step s ON s.id = r.step_id LEFT JOIN verdict v ON v.id = r.verdict_id"
    " WHERE r.step_id = ? AND r.active = 1 ORDER BY r.position, r.id"
)


class Placement:
    """`version` None: there is no dataset; then only what a build would not take has a reason. `mode`: if there is none."""

    def __init__(
        self, connection: sqlite3.Connection, version: DatasetVersion | None, dialect: Dialect, mode: Rephrasings
    ) -> None:
        self.version = version
        self._connection = connection
        self._dialect = dialect
        self.mode = mode if version is None else Rephrasings(version.parameters.get("rephrasings", mode))

    def rows(self, step_id: int) -> Mapping[int | None, tuple[RowPlace, ...]]:
        """By rephrasing; None: the original text."""
        found: dict[int | None, list[RowPlace]] = defaultdict(list)
        if self.version is not None:
            for rephrasing, part, row in self._connection.execute(
                "SELECT rephrasing_id, part, row FROM data_point WHERE step_id = ? AND dataset_id = ? ORDER BY part, row",
                (step_id, self.version.id),
            ):
                found[rephrasing].append(RowPlace(Part(part), row))
        return {rephrasing: tuple(places) for rephrasing, places in found.items()}

    def left_out(self, step_id: int) -> Mapping[int | None, tuple[LeftOutFact, ...]]:
        """Points that were composed and left out, by rephrasing."""
        if self.version is None:
            return {}
        found: dict[int | None, list[LeftOutFact]] = defaultdict(list)
        for rephrasing, reason, twin_step, twin_variant, count in self._connection.execute(
            "SELECT rephrasing_id, reason, twin_step_id, twin_variant, count(*) FROM left_out_point"
            " WHERE step_id = ? AND dataset_id = ? GROUP BY 1, 2, 3, 4 ORDER BY min(number)",
            (step_id, self.version.id),
        ).fetchall():
            twin = None if twin_step is None else self._twin(twin_step, twin_variant)
            found[rephrasing].append(LeftOutFact(reason, count, twin))
        return {rephrasing: tuple(facts) for rephrasing, facts in found.items()}

    def texts(self, step_id: int, original: str, step_left_out: str | None) -> tuple[TextRows, ...]:
        """The original, then every active rephrasing. `step_left_out`: why the step yields no data point, if it does not."""
        rows, gone = self.rows(step_id), self.left_out(step_id)

        def became(rephrasing: int | None, text: str, state: str, verdict: str | None, why: str) -> TextRows:
            here, away = rows.get(rephrasing, ()), gone.get(rephrasing, ())
            return TextRows(rephrasing, text, state, verdict, here, away, "" if here or away else why)

        found = [became(None, original, "", None, step_left_out or self._not_built())]
        for id_, text, state, verdict, stale, reworded in self._connection.execute(_OF_STEP, (step_id,)).fetchall():
            why = why_row_left_out(self.mode, state, verdict, stale, reworded)
            reason = why.value if why is not None else step_left_out or self._not_built(rephrasing=True)
            found.append(became(id_, text, State(state).label, verdict, reason))
        return tuple(found)

    def reasons_of_rephrasings(self, step_ids: Iterable[int]) -> dict[str, int]:
        """Why rephrasings of these steps are not taken, each reason with how many."""
        counts: dict[str, int] = defaultdict(int)
        for step_id in step_ids:
            for _, _, state, verdict, stale, reworded in self._connection.execute(_OF_STEP, (step_id,)):
                why: LeftOutBecause | None = why_row_left_out(self.mode, state, verdict, stale, reworded)
                if why is not None:
                    counts[why.value] += 1
        return dict(counts)

    def why_steps_left_out(self, conversation_ids: Iterable[int]) -> dict[int, str | None]:
        """By step id, of the project as it is now: why a build takes no data point of it; None if it does."""
        ids = list(dict.fromkeys(conversation_ids))
        failing = {id_ for id_ in ids if self._is_failing(id_)}
        return {
            step.id: _failing_first(step.left_out, is_failing=conversation.id in failing)
            for conversation in self._read(ids)
            for step in conversation.steps
        }

    def _read(self, ids: Iterable[int]) -> list[Conversation]:
        execute = self._connection.execute
        execute(f"CREATE TEMP TABLE IF NOT EXISTS {_ORDER} (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
        execute(f"DELETE FROM {_ORDER}")
        self._connection.executemany(f"INSERT INTO {_ORDER} (conversation_id) VALUES (?)", ((id_,) for id_ in ids))
        return list(read_corpus(self._connection, self.mode, self._dialect, SelectionCounts(), order=_ORDER, prompts=False))

    def _is_failing(self, conversation_id: int) -> bool:
        query = f"SELECT {FAILING} FROM conversation c WHERE c.id = ?"
        return bool(self._connection.execute(query, (conversation_id,)).fetchone()[0])

    def _twin(self, step_id: int, variant: int) -> str:
        assert self.version is not None
        row = self._connection.execute(
            "SELECT part, row FROM data_point WHERE step_id = ? AND dataset_id = ? AND variant = ?",
            (step_id, self.version.id, variant),
        ).fetchone()
        if row is not None:
            return str(RowPlace(Part(row[0]), row[1]))
        file, name, line = self._connection.execute(
            "SELECT c.file, c.name, s.line FROM user_step s JOIN conversation c ON c.id = s.conversation_id WHERE s.id = ?",
            (step_id,),
        ).fetchone()
        return f"{file}:{line}" if line else f"{file}::{name}"

    def _not_built(self, *, rephrasing: bool = False) -> str:
        if self.version is None:
            return "there is no dataset yet"
        most = self.version.parameters.get("max_per_conversation")
        if rephrasing and most is not None:
            return f"not among the {most:,} new conversations per test (max_per_conversation), or newer than the dataset"
        return "newer than the dataset: a build would take it now"


def _failing_first(reason: str | None, *, is_failing: bool) -> str | None:
    if reason is not None and is_failing:
        return f"its test fails (`workbench annotate --failures`); {reason}"
    return reason
