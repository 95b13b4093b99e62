"""Whether a slot value is said: in the rephrasing or in what was said before it.

A model may fill a slot with what it expects rather than with what the user said; a label taken from such an answer would
teach just that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from core.commands import Command, SetSlot
from core.commands.compare import SlotKind
from core.validation.dates import Moment, looks_like_date, read_moment, same_moment
from core.validation.models import SlotFacts, StepFacts
from core.validation.numbers import read_amount
from core.validation.values import Likeness, compare_values, plain_value, truth
from core.validation.words import is_unspaced, key_of, read, without_marks

_NO_FACTS = SlotFacts()
_LONGEST_PHRASE = 6
"""Words of a date or a number."""


def ungrounded(commands: Iterable[Command], facts: StepFacts, text: str, *, translated: bool = False) -> tuple[SetSlot, ...]:
    """Those of the commands whose value nobody said.

    Not in doubt: empty values and yes or no (said in too many ways), and values of the label that the original does not
    hold literally either: there a person or a test has already read them out of the conversation. `translated`: the text is
    meant to be in another language, which has its own words for the values of a categorical slot. In one's own language, too,
    these are said in many ways: there only a text that names another of the choices is doubted.
    """
    history = tuple(line.text for line in facts.history)
    found = []
    for command in commands:
        if not isinstance(command, SetSlot) or command.value is None:
            continue
        slot = facts.slots.get(command.name, _NO_FACTS)
        if slot.kind is SlotKind.BOOL or truth(command.value) is not None:
            continue
        if translated and slot.kind is SlotKind.CATEGORICAL:
            continue
        wordings = [command.value, *_of_label(command, facts, slot)]
        if any(is_said(wording, (text, *history), facts.now) for wording in wordings):
            continue
        of_label = wordings[1:]
        if of_label and slot.kind is SlotKind.CATEGORICAL and not _names_another(slot, wordings, text):
            continue
        if of_label and not any(is_said(wording, (facts.original,), facts.now) for wording in of_label):
            continue
        found.append(command)
    return tuple(found)


def _of_label(command: SetSlot, facts: StepFacts, slot: SlotFacts) -> list[str]:
    """The label's values for the slot that mean the same as the command's."""
    return [
        labelled.value
        for labelled in facts.commands
        if isinstance(labelled, SetSlot)
        and labelled.name == command.name
        and labelled.value is not None
        and compare_values(labelled.value, command.value, slot, facts.now) <= Likeness.EQUIVALENT
    ]


def _names_another(slot: SlotFacts, wordings: Sequence[str], text: str) -> bool:
    own = {plain_value(wording) for wording in wordings}
    return any(plain_value(choice) not in own and is_said(choice, (text,)) for choice in slot.values)


@lru_cache(maxsize=4096)
def is_said(value: str, texts: tuple[str, ...], now: datetime | None = None) -> bool:
    """Whether one of the texts holds the value: literally, word by word in other forms, or as the same number or date."""
    wanted = plain_value(value)
    return not wanted or any(_holds(text, wanted, now) for text in texts)


def _holds(text: str, wanted: str, now: datetime | None) -> bool:
    said = plain_value(text)
    bare_said, bare_wanted = without_marks(said), without_marks(wanted)
    if is_unspaced(wanted):
        if bare_wanted.replace(" ", "") in bare_said.replace(" ", ""):
            return True
    elif _as_words(bare_wanted, bare_said):
        return True
    words = [word.plain for word in read(text).words]
    if _by_meaning(words, wanted, now):
        return True
    if wanted[0] in "@#" or "@" in wanted:
        return False
    if any(character.isdigit() for character in wanted):
        digits = "".join(character for character in wanted if character.isdigit())
        return len(digits) >= 4 and digits in "".join(character for character in said if character.isdigit())
    content = [word for word in read(wanted).words if not word.is_function]
    keys = {key_of(word) for word in words}
    if len(content) == 1:  # most likely a name, and "Barbara" is no form of "Barbar"
        return any(_is_plural(word, content[0].plain) or _is_plural(content[0].plain, word) for word in words)
    return bool(content) and all(word.key in keys for word in content)


def _is_plural(longer: str, shorter: str) -> bool:
    return len(shorter) >= 3 and longer in (shorter + "s", shorter + "es")


def _as_words(wanted: str, said: str) -> bool:
    at = said.find(wanted)
    while at >= 0:
        before, after = said[max(at - 1, 0) : at], said[at + len(wanted) : at + len(wanted) + 1]
        # "@foo" is not "foo", and "4" is not "45" nor "4.5".
        is_decimal = after in (".", ",") and said[at + len(wanted) + 1 : at + len(wanted) + 2].isdigit()
        begins = before not in ("@", "#", ".") and (not before.isalnum() or is_unspaced(before))
        if begins and not is_decimal and (not after.isalnum() or is_unspaced(after)):
            return True
        at = said.find(wanted, at + 1)
    return False


def _same_day(one: Moment, other: Moment) -> bool:
    return one.start is not None and one.start == other.start


def _by_meaning(words: Sequence[str], wanted: str, now: datetime | None) -> bool:
    """The same number or moment, said in other words."""
    amount = read_amount(wanted)
    moment = read_moment(wanted, now) if looks_like_date(wanted) else None
    if amount is None and moment is None:
        return False
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
            phrase = ("" if is_unspaced(words[start]) else " ").join(words[start:end])
            if amount is not None and (said := read_amount(phrase)) is not None and said.number == amount.number:
                return True
            day = None if moment is None else read_moment(phrase, now)
            if moment is not None and day is not None and (same_moment(day, moment) or _same_day(day, moment)):
                return True
    return False
