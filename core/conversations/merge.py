"""What several files say of one test, brought together.

A test may be described by its E2E file, by an annotated conversation, and by rows of labels. The newest file says which
turns there are; an older one still contributes to every step whose text and earlier turns it shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.conversations.identity import DIALOGUE_KINDS
from core.conversations.models import Rephrasing, Turn, TurnKind


@dataclass(frozen=True, slots=True)
class Label:
    """A row of labels for one user step (1-based `user_step`). `text` None: of whatever the step says."""

    user_step: int
    text: str | None
    commands: tuple[str, ...] | None = None
    rephrasings: tuple[Rephrasing, ...] = ()
    skip: str | None = None


def merge_turns(newest: Sequence[Turn], older: Sequence[Turn]) -> list[Turn]:
    """The turns of `newest`, with what `older` knows of the steps they share: commands, rephrasings, bot texts.

    A test with assertions has no bot turns; an annotated conversation of it has those of the actual run. The richer
    replies are kept while both agree on the user's messages.
    """
    merged: list[Turn] = []
    ours, theirs = _segments(newest), _segments(older)
    aligned = ours[0][0] is None and theirs[0][0] is None and _same_replies(ours[0][1], theirs[0][1], silent=False)
    for index, (user, replies) in enumerate(ours):
        other = theirs[index] if aligned and index < len(theirs) else None
        if other is not None and user is not None and (other[0] is None or other[0].text != user.text):
            other = None
        if other is None:
            aligned = False
            merged += [user, *replies] if user is not None else replies
            continue
        other_user, other_replies = other
        if user is not None and other_user is not None:
            merged.append(_join(user, other_user))
        silent = _has_assertions(user) or _has_assertions(other_user)
        if _same_replies(replies, other_replies, silent=silent):
            merged += _richer(replies, other_replies)
        else:
            merged += replies
            aligned = False
    return merged


def apply_labels(turns: Sequence[Turn], labels: Sequence[Label]) -> tuple[list[Turn], dict[int, str], list[Label]]:
    """Add labels to the user turns they name.

    Returns the turns, the reason to skip by user step, and the labels that fit no step.
    """
    by_step: dict[int, list[Label]] = {}
    for label in labels:
        by_step.setdefault(label.user_step, []).append(label)
    unplaced: list[Label] = []
    out: list[Turn] = []
    skips: dict[int, str] = {}
    ordinal = 0
    for turn in turns:
        if turn.kind is not TurnKind.USER:
            out.append(turn)
            continue
        ordinal += 1
        for label in by_step.pop(ordinal, ()):
            if label.text is not None and label.text != turn.text:
                unplaced.append(label)
                continue
            if label.skip is not None:
                skips[ordinal] = label.skip
            turn = _add(turn, label.commands, label.rephrasings)
        out.append(turn)
    return out, skips, [*unplaced, *(label for rest in by_step.values() for label in rest)]


def join_rephrasings(first: Sequence[Rephrasing], more: Sequence[Rephrasing]) -> tuple[Rephrasing, ...]:
    """Both lists without repeated texts; where a text stands in both, the entry that says more about it is kept."""
    if not more:
        return tuple(first)
    by_text: dict[str, Rephrasing] = {}
    for rephrasing in (*first, *more):
        known = by_text.get(rephrasing.text)
        if known is None or _says_more(rephrasing, known):
            by_text[rephrasing.text] = rephrasing
    return tuple(by_text.values())


def _says_more(other: Rephrasing, known: Rephrasing) -> bool:
    if other.verdict is None:
        return False
    if known.verdict is None or (known.judged_on is not None and other.judged_on is None):
        return True
    return known.verdict == other.verdict and known.commands is None and other.commands is not None


_Segment = tuple[Turn | None, list[Turn]]


def _segments(turns: Sequence[Turn]) -> list[_Segment]:
    """Each user turn with the turns that follow it; the first segment holds what stands before any user turn."""
    segments: list[_Segment] = [(None, [])]
    for turn in turns:
        if turn.kind is TurnKind.USER:
            segments.append((turn, []))
        else:
            segments[-1][1].append(turn)
    return segments


def _join(user: Turn, other: Turn) -> Turn:
    return replace(_add(user, other.commands, other.rephrasings), extra={**other.extra, **user.extra})


def _add(turn: Turn, commands: tuple[str, ...] | None, rephrasings: tuple[Rephrasing, ...]) -> Turn:
    """The turn with what another file knows of it. A verdict stays bound to the commands of the file it stands in."""
    if turn.commands is None:
        return replace(turn, commands=commands, rephrasings=join_rephrasings(turn.rephrasings, rephrasings))
    if commands is not None and commands != turn.commands:
        rephrasings = tuple(
            replace(one, judged_on=commands) if one.verdict is not None and one.judged_on is None else one
            for one in rephrasings
        )
    return replace(turn, rephrasings=join_rephrasings(turn.rephrasings, rephrasings))


def _has_assertions(turn: Turn | None) -> bool:
    return turn is not None and "assertions" in turn.extra


def _spoken(replies: Sequence[Turn]) -> list[tuple[str, str]]:
    return [(turn.kind.value, turn.text.strip()) for turn in replies if turn.kind.value in DIALOGUE_KINDS]


def _same_replies(ours: Sequence[Turn], theirs: Sequence[Turn], *, silent: bool) -> bool:
    """`silent`: one side's replies are checked by assertions and not written down."""
    first, second = _spoken(ours), _spoken(theirs)
    return first == second or (silent and (not first or not second))


def _richer(ours: Sequence[Turn], theirs: Sequence[Turn]) -> list[Turn]:
    return list(theirs if len(theirs) > len(ours) else ours)
