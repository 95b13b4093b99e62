"""Whose answers a file holds, and that two people do not become one, nor one two."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from review.pack.answer_rows import PlacedAnswer
from review.pack.models import Kind
from review.pack.names import what_is_wrong
from review.pack.reading import PackFile
from review.team.models import Round
from review.team.rounds import note_parameters

_HANDED_TO: Final = "handed to"
"""Parameter of a round: of each annotator, whom the hand-out was meant for that they answered."""

HandedTo = dict[str, tuple[str, str]]
"""Of each annotator: whom the hand-out was meant for, and where that is known from."""


def person_of(pack: PackFile, answers: Sequence[PlacedAnswer], by: str | None) -> str | None:
    """Whose answers those are of which the line does not say; None, and a problem of the file, where that cannot be told.

    A hand-in says it, and so does a hand-out that is meant for one person. `by` is for the others: one file must not count as
    two people because it was merged under two names.
    """
    header = pack.header
    own = header.annotator if header.kind is Kind.HAND_IN else header.handed_to
    person = (own or by or "").strip()
    if not person:
        if any(placed.answer.annotator is None for placed in answers):
            pack.findings.problem_at(1, 1, "whose answers these are is not said", "Add --by NAME.")
        return None
    if by is not None and person != by:
        key = "annotator" if header.kind is Kind.HAND_IN else "for"
        pack.findings.problem_at(
            1, 1, f"this file is {person}'s, as its first line says, and --by says",
            f"Leave --by out, or give such files by themselves; if it was {by}, write that as `{key}` into the first line.", by,
        )  # fmt: skip
        return None
    if (why := what_is_wrong(person)) is not None:
        pack.findings.problem_at(1, 1, f"{why}:", "Write the name of a person.", person)
        return None
    return person


def handed_to_before(round_: Round) -> HandedTo:
    """From what was merged before."""
    known = round_.parameters.get(_HANDED_TO, {})
    return {annotator: (person, "a file that was merged before") for annotator, person in known.items()}


def check_handed_to(pack: PackFile, annotators: Iterable[str], known: HandedTo) -> None:
    """Two laptops may have the same login name: then the answers of two people come in under one, and half of them are lost.

    Adds to `known`.
    """
    meant_for = pack.header.handed_to
    if meant_for is None:
        return
    for annotator in annotators:
        other, place = known.setdefault(annotator, (meant_for, str(pack.path)))
        if other != meant_for:
            pack.findings.problem_at(
                1, 1, f"this hand-out was for {meant_for} and that of {place} for {other}, but both are answered by",
                "Write into the first line of each who answered it; was it one person, remove `for` from this one.", annotator,
            )  # fmt: skip


def note_handed_to(connection: sqlite3.Connection, round_: Round, known: HandedTo) -> None:
    """For the next merge; inside the caller's transaction."""
    now: Mapping[str, str] = {annotator: person for annotator, (person, _) in known.items()}
    if now != round_.parameters.get(_HANDED_TO, {}):
        note_parameters(connection, round_.id, {**round_.parameters, _HANDED_TO: now})
