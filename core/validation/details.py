"""Details that a rephrasing adds, drops or changes though its commands stay the same.

What can be told from the text alone (numbers, addresses, names, days) is compared with the original and with what was said
before. For other words the siblings are the measure, so that no list of synonyms is needed: what the original says and
(nearly) all other rephrasings keep is meant to be kept.

| finding | where                                                                                        |
| ------- | -------------------------------------------------------------------------------------------- |
| added   | a mark or number that nothing before it holds; words put into or beside a copy (`copies`)    |
| dropped | a mark that most siblings keep; a word that all keep; a copy cut off or with a word less     |
| changed | one of each; a stretch of a copy or its end exchanged; an opposite; a denial that comes or   |
|         | goes; he for she; another currency; other small talk                                         |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.commands import SetSlot
from core.validation.copies import (
    changes_denial,
    cut_off,
    denial_in_copy,
    exchanged,
    left_out,
    opposed,
    other_currency,
    other_end,
    other_person,
    put_in,
)
from core.validation.marks import Mark, highest_said, marks_of, said_numbers
from core.validation.models import Reason, ReasonCode, StepFacts
from core.validation.small_talk import is_small_talk, other_small_talk
from core.validation.wordings import Wordings, compare_wordings, keys_of, shown
from core.validation.words import is_unspaced, read, unify


def changed_details(facts: StepFacts, text: str, siblings: Sequence[str]) -> list[Reason]:
    """At most one reason for each of added, dropped and changed, with the words as its detail."""
    compared = compare_wordings(facts, text, siblings)
    added, dropped = _marks(facts, text, siblings)
    changed = opposed(compared) or exchanged(compared) or other_end(compared)
    changed += (
        (denial_in_copy(compared) or _denial(compared))
        + other_person(compared)
        + other_currency(compared)
        + _small_talk(facts, text)
    )
    added += [] if added or changed else put_in(compared)
    dropped += [] if changed else _words_all_keep(compared) or cut_off(compared) or left_out(compared)
    if not changed and dropped and added:
        changed, added, dropped = [f"{' '.join(dropped)} → {' '.join(added)}"], [], []
    found = (
        (ReasonCode.ADDED_DETAIL, added),
        (ReasonCode.DROPPED_DETAIL, dropped),
        (ReasonCode.CHANGED_DETAIL, changed),
    )
    return [Reason(code, ", ".join({word.casefold(): word for word in words}.values())) for code, words in found if words]


def _marks(facts: StepFacts, text: str, siblings: Sequence[str]) -> tuple[list[str], list[str]]:
    own, wanted = marks_of(text), marks_of(facts.original)
    known = {mark.key for mark in wanted}.union(*(keys_of(line.text) for line in facts.history), said_numbers(facts.original))
    known.update(word.key for word in read(facts.original).words)
    for command in facts.commands:
        if isinstance(command, SetSlot) and command.value is not None:
            known |= keys_of(command.value)
    before = (facts.original, *(line.text for line in facts.history))
    added = [
        mark.shown for mark in own if mark.key not in known and not _is_usual(mark.key, siblings) and not _is_in(mark, before)
    ]
    # A number in words may be a part of one that the original has in digits: 16:30 as half past four.
    said_keys = {mark.key for mark in own}
    is_reworded = any(mark.kind in ("number", "time") and mark.key not in said_keys for mark in wanted)
    highest = None if is_reworded else highest_said(text)
    if highest is not None and highest not in known and not _is_usual(highest, siblings):
        added.append(highest)
    kept = keys_of(text)
    dropped = [
        mark.shown
        for mark in wanted
        if mark.key not in kept and not _is_often_dropped(mark, siblings) and not _is_in(mark, (text,))
    ]
    return sorted(added), sorted(dropped)


def _is_in(mark: Mark, texts: Iterable[str]) -> bool:
    """Whether one of the texts has a quotation without its marks, or an address amid other letters."""
    return mark.kind in ("quote", "address") and any(mark.key in unify(text).casefold() for text in texts)


def _is_usual(key: str, siblings: Sequence[str]) -> bool:
    """Half of the siblings say it too: it comes from somewhere."""
    return sum(key in keys_of(sibling) for sibling in siblings) * 2 >= max(len(siblings), 1)


def _is_often_dropped(mark: Mark, siblings: Sequence[str]) -> bool:
    return sum(mark.key not in keys_of(sibling) for sibling in siblings) * 2 >= max(len(siblings), 1)


def _words_all_keep(compared: Wordings) -> list[str]:
    """Content words of the original that this text alone drops: one if it says nothing new instead, which might be the same
    in another word, or several."""
    if not compared.enough_siblings:
        return []
    few = len(compared.others) // 8  # with many siblings another may drop them too
    gone = shown(compared.original, [key for key in compared.gone if compared.missing(key) <= few])
    weight = sum(0.5 if is_unspaced(word) else 1 for word in gone)
    return gone if weight >= 2 or not compared.novel() else []


def _denial(compared: Wordings) -> list[str]:
    """A negation that comes or goes in this text alone, which else says nothing new: with other words a denial may only be
    another way to say it ("never made" and "not mine", "lost" and "cannot find")."""
    original, said = compared.original, compared.said
    if not compared.enough_siblings or not changes_denial(compared):
        return []
    alike = sum(other.denies == original.denies for other in compared.others)
    if len(compared.others) - alike > len(compared.others) // 8 or said.content - original.content:
        return []
    if len(compared.gone) * 2 > len(original.content):
        return []
    return ["negation dropped" if original.denies else "negation added"]


def _small_talk(facts: StepFacts, text: str) -> list[str]:
    other = other_small_talk(facts.original, text) if is_small_talk(facts.commands) else None
    return [other] if other else []
