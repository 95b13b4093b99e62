"""The first pass of a build: every data point is composed as a draft, numbered, and compared with all before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

from core.commands import SetSlot, StartFlow, from_json
from core.dataset.composing import ORIGINAL, Composer, Draft
from core.dataset.corpus import Conversation, Step
from core.dataset.models import LeftOutPoint
from core.dataset.points import KEPT, NO_TWIN, Kind, Points, fate_of
from core.dataset.utterances import Utterance, UtteranceClasses
from core.prompts.context import one_line
from core.rephrasing.words import normalised
from core.store.flows import flows_named
from core.validation.language import language_of

Progress = Callable[[str, int, int], None]

UNKNOWN_LANGUAGE = "unknown"
_NO_STATE = b"-"


def utterances(conversations: Iterator[Conversation]) -> Iterator[Utterance]:
    """Every text a step can be said with, numbered through: of each step the original, then its choices."""
    item = 0
    for conversation in conversations:
        for step in conversation.steps:
            state = _NO_STATE if step.prompt is None else step.prompt.state.encode()
            for text in (step.text, *(choice.text for choice in step.choices)):
                yield Utterance(item, state, one_line(text))
                item += 1


class Lister:
    """Takes the conversations in the order in which `utterances` did. A point repeats an earlier one if its label and all of
    its prompt but the user's texts are equal, and each of these texts is alike."""

    def __init__(self, composer: Composer, classes: UtteranceClasses) -> None:
        self._composer, self._classes = composer, classes
        self._next_item = 0
        self._kinds: dict[Kind, int] = {}
        self._seen = _Seen()
        self.points = Points()

    def take(self, conversation: Conversation) -> None:
        items = self._items(conversation)
        composed = self._composer.compose(conversation)
        if composed is None:
            return
        unit = len(self.points.conversations)
        self.points.conversations.append(conversation.id)
        self.points.languages.append(_language(conversation.steps))
        plain = _Plain(conversation.steps)
        seen_here: dict[bytes, tuple[int, bytes]] = {}
        for draft in composed.drafts():
            self._add(draft, unit, items, plain, seen_here)

    def close(self) -> None:
        self._seen.close()

    def _items(self, conversation: Conversation) -> dict[int, int]:
        """Item of each step's original by its ordinal; its choices follow it."""
        first: dict[int, int] = {}
        for step in conversation.steps:
            first[step.ordinal] = self._next_item
            self._next_item += 1 + len(step.choices)
        return first

    def _add(
        self, draft: Draft, unit: int, items: dict[int, int], plain: _Plain, seen_here: dict[bytes, tuple[int, bytes]]
    ) -> None:
        points, frame, chosen = self.points, draft.frame, draft.chosen
        number = len(points)
        ordinal = draft.step.ordinal
        spoken = [(said_in, chosen[said_in]) for _, said_in in frame.user_places]
        spoken.append((ordinal, chosen[ordinal]))
        alike = self._classes.alike
        fixed = frame.skeleton if frame.user_places else frame.skeleton + b"\x1e" + b"\x1d".join(frame.lines)
        label = draft.commands.encode()
        words = b",".join(b"%d" % alike(items[at] + 1 + pick) for at, pick in spoken)
        key = _digest(fixed, label, words)
        exact = _digest(*(plain.of(at, pick) for at, pick in spoken))
        twin = self._seen.find(key, number, exact) if frame.shared else _find(seen_here, key, number, exact)
        points.unit.append(unit)
        points.kind.append(self._kind(draft.step.flows, draft.commands, is_own=draft.commands != draft.step.commands))
        points.key.append(self._classes.joined(items[ordinal] + 1 + chosen[ordinal]))
        points.step.append(draft.step.id)
        points.variant.append(draft.variant)
        points.rephrasing.append(0 if draft.choice is None else draft.choice.rephrasing_id)
        if twin is None:
            points.twin.append(NO_TWIN)
            points.fate.append(KEPT)
            asked = _digest(fixed, words)  # the same but for the label
            other = self._seen.find(asked, number, b"") if frame.shared else _find(seen_here, asked, number, b"")
            if other is not None:
                points.contradictions.append((number, other[0]))
        else:
            points.twin.append(twin[0])
            points.fate.append(fate_of(LeftOutPoint.EXACT if twin[1] == exact else LeftOutPoint.NEAR))

    def _kind(self, flows: tuple[str, ...], commands: str, *, is_own: bool) -> int:
        names, slots, starts = _shown(commands)
        if is_own:
            flows = tuple(sorted({*flows, *flows_named(commands)}))
        kind = Kind(flows, names, slots, starts)
        place = self._kinds.get(kind)
        if place is None:
            place = self._kinds[kind] = len(self.points.kinds)
            self.points.kinds.append(kind)
        return place


class _Plain:
    """The texts of a conversation as they are compared, each worked out once."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = {step.ordinal: step for step in steps}
        self._known: dict[tuple[int, int], bytes] = {}

    def of(self, ordinal: int, pick: int) -> bytes:
        found = self._known.get((ordinal, pick))
        if found is None:
            step = self._steps[ordinal]
            text = step.text if pick == ORIGINAL else step.choices[pick].text
            found = self._known[ordinal, pick] = normalised(text).encode()
        return found


class _Seen:
    """Keys of points that points of other conversations may repeat: on disk, since they are as many as the points."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # a file of SQLite's own that goes with the connection
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA cache_size = -16000")
        self._database.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, number INTEGER NOT NULL, exact BLOB NOT NULL) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")

    def find(self, key: bytes, number: int, exact: bytes) -> tuple[int, bytes] | None:
        """The point with this key and its texts, or None, and then this point is remembered."""
        found: tuple[int, bytes] | None = self._database.execute(
            "SELECT number, exact FROM seen WHERE key = ?", (key,)
        ).fetchone()
        if found is None:
            self._database.execute("INSERT INTO seen VALUES (?, ?, ?)", (key, number, exact))
        return found

    def close(self) -> None:
        self._database.close()


def _find(seen: dict[bytes, tuple[int, bytes]], key: bytes, number: int, exact: bytes) -> tuple[int, bytes] | None:
    found = seen.get(key)
    if found is None:
        seen[key] = (number, exact)
    return found


def _digest(*parts: bytes) -> bytes:
    return blake2b(b"\x1f".join(parts), digest_size=16).digest()


@lru_cache(maxsize=65536)
def _shown(commands: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Names of the commands, of the slots they set, and of the flows they start."""
    read = from_json(commands)
    names = sorted({type(command).__name__ for command in read})
    slots = sorted({command.name for command in read if isinstance(command, SetSlot)})
    return tuple(names), tuple(slots), tuple(sorted({command.flow for command in read if isinstance(command, StartFlow)}))


def _language(steps: Sequence[Step]) -> str:
    return language_of("\n".join(step.text for step in steps)) or UNKNOWN_LANGUAGE
