"""The turns of an annotated conversation: what the test says, with its labels, and with the bot's turns of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.commands import Command, CommandError, Dialect, describe, to_text
from core.conversations.models import Turn, TurnKind
from core.dialogue.events import BotUttered
from core.dialogue.turn import Turn as PlayedTurn

Reply = tuple[TurnKind, str]
"""A bot turn: `bot` and what it says, or `utter` and the response's name."""


def annotated_turns(
    turns: Sequence[Turn],
    played: Sequence[PlayedTurn],
    commands: Mapping[int, Sequence[Command]],
    dialect: Dialect,
    known: Mapping[int, Sequence[Reply]],
) -> list[Turn]:
    """User, bot and utter turns only, as the recipe's format has them.

    Steps with assertions have no bot turns in the test: theirs are those of the run. `known`: those that the project has
    for such steps already; as long as they say what the run says they stay as they are, since a step is known by what stands
    before it.
    """
    found: list[Turn] = []
    ordinal = 0
    for index, turn in enumerate(turns):
        if turn.kind in (TurnKind.BOT, TurnKind.UTTER):
            found.append(Turn(turn.kind, turn.text, 0, 0))
        if turn.kind is not TurnKind.USER:
            continue
        ordinal += 1
        lines = commands.get(ordinal)
        label = None if lines is None else tuple(line_of(command, dialect) for command in lines)
        found.append(Turn(turn.kind, turn.text, 0, 0, label))
        if "assertions" in turn.extra and not _has_replies(turns, index) and ordinal <= len(played):
            said = played[ordinal - 1].said
            present = known.get(ordinal, ())
            replies = present if _says_the_same(present, said) else _replies(said)
            found += [Turn(kind, text, 0, 0) for kind, text in replies]
    return found


def line_of(command: Command, dialect: Dialect) -> str:
    """A command that the dialect has no words for is described; its step is not exported then."""
    try:
        return to_text(command, dialect)
    except CommandError:
        return describe(command)


def _has_replies(turns: Sequence[Turn], user: int) -> bool:
    for turn in turns[user + 1 :]:
        if turn.kind is TurnKind.USER:
            return False
        if turn.kind in (TurnKind.BOT, TurnKind.UTTER):
            return True
    return False


def _replies(said: Sequence[BotUttered]) -> list[Reply]:
    return [
        (TurnKind.UTTER, message.utter) if message.utter is not None else (TurnKind.BOT, message.text or "")
        for message in said
        if message.utter is not None or message.text
    ]


def _says_the_same(known: Sequence[Reply], said: Sequence[BotUttered]) -> bool:
    if not known or len(known) != len(said):
        return False
    return all(
        text == message.utter if kind is TurnKind.UTTER else text.strip() == (message.text or "").strip()
        for (kind, text), message in zip(known, said, strict=True)
    )
