"""Tests of one name in one file: which is which when the file's order changed.

Their occurrence is their place among each other, so a test that was put above, taken out or moved would hand its
decisions to its neighbour. They are told apart by the keys of their steps, and by their place only where those say nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from core.conversations.identity import step_keys
from core.conversations.models import Turn, TurnKind
from core.store.conversations import ConversationStore

Transcript = Sequence[Turn]


def settle_occurrences(store: ConversationStore, file: str, name: str, tests: Sequence[Transcript]) -> None:
    """Number the stored conversations of a name as the tests of the file that they are: 1 for the first of `tests`."""
    stored = store.same_named(file, name)
    matched = _match(store, stored, tests)
    rest = [id_ for id_ in stored if id_ not in matched]
    wanted = {id_: place for place, id_ in enumerate(matched, start=1) if id_ is not None}
    wanted |= {id_: stored[id_] for id_ in rest if stored[id_] <= len(tests) and matched[stored[id_] - 1] is None}
    gone = [id_ for id_ in rest if id_ not in wanted]
    wanted |= {id_: place for place, id_ in enumerate(gone, start=len(tests) + 1)}
    if wanted != stored:
        store.renumber(file, name, wanted)


def find_occurrences(store: ConversationStore, file: str, name: str, annotations: Sequence[Transcript]) -> list[int]:
    """Of which test of the name each annotated conversation is; the n-th is of the n-th where its steps do not say."""
    stored = store.same_named(file, name)
    occurrences = [0 if id_ is None else stored[id_] for id_ in _match(store, stored, annotations)]
    for place, occurrence in enumerate(occurrences, start=1):
        if not occurrence:
            is_free = place not in occurrences
            occurrences[place - 1] = place if is_free else max(*stored.values(), *occurrences) + 1
    return occurrences


def _match(store: ConversationStore, stored: Mapping[int, int], transcripts: Sequence[Transcript]) -> list[int | None]:
    """The conversation with which each transcript shares most steps, no conversation twice."""
    by_key: dict[str, list[int]] = defaultdict(list)
    said: dict[int, list[str]] = {}
    for id_ in stored:
        keys, said[id_] = store.steps_of(id_)
        for key in keys:
            by_key[key].append(id_)
    pairs = []
    for place, turns in enumerate(transcripts):
        shared = Counter(id_ for key in step_keys((turn.kind.value, turn.text) for turn in turns) for id_ in by_key[key])
        texts = [turn.text for turn in turns if turn.kind is TurnKind.USER]
        for id_, count in shared.items():
            moved = stored[id_] != place + 1
            pairs.append((-count, -_same_start(texts, said[id_]), moved, place, id_))
    found: list[int | None] = [None] * len(transcripts)
    taken: set[int] = set()
    for *_, place, id_ in sorted(pairs):
        if found[place] is None and id_ not in taken:
            found[place] = id_
            taken.add(id_)
    return found


def _same_start(first: Sequence[str], second: Sequence[str]) -> int:
    """Replies that only one side has written down change the keys, and not what users say."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
