"""What the bot says when it uses a response: which variation, with which values in it. The same state, the same words.

The reference picks at random among equal variations; here it is the first of the best kind: one whose condition holds,
else one without a condition. Variations for a channel are used where nothing else is left, as a test has no channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from core.assistant.models import Button, Response, SlotIs, Variation
from core.dialogue.events import BotUttered
from core.dialogue.templates import UnrenderableError, render

Values = Mapping[str, Any]
_Test = Callable[[Values, Values], bool]
_Piece = str | tuple[str, str]
"""A piece of text, or a slot's name and how its placeholder is written."""

_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([^{}\n]+)\}")
_NO_VALUES: Final[Values] = {}


class Responses:
    """The responses of an assistant, prepared. Read-only, so that conversations may share it."""

    def __init__(self, responses: Iterable[Response]) -> None:
        self._responses = {response.name: _Prepared(response) for response in responses}

    def __contains__(self, name: object) -> bool:
        return name in self._responses

    def say(
        self, name: str, slots: Values, context: Values, warnings: list[str], variables: Values = _NO_VALUES
    ) -> BotUttered | None:
        """The message; None if there is no such response. `variables`: further names that a jinja text may use.

        A response none of whose variations fits, or whose text cannot be rendered, gives a message without text and a
        warning.
        """
        prepared = self._responses.get(name)
        if prepared is None:
            return None
        best = prepared.best(slots, context)
        if not best:
            warnings.append(f"`{name}` has no variation whose condition holds")
            return BotUttered(None, name)
        return best[0].message(slots, context, warnings, variables)

    def renderings(self, name: str, slots: Values, context: Values = _NO_VALUES) -> tuple[str, ...]:
        """Every text that the reference could have picked for a response in this state."""
        prepared = self._responses.get(name)
        if prepared is None:
            return ()
        messages = (one.message(slots, context, [], _NO_VALUES) for one in prepared.best(slots, context))
        return tuple(message.text for message in messages if message.text is not None)


class _Prepared:
    """A response whose variations are sorted by kind."""

    def __init__(self, response: Response) -> None:
        variations = [_Way(response.name, variation) for variation in response.variations]
        usual = [way for way in variations if way.channel is None] or variations
        self.conditional = [(test, way) for way in usual if (test := way.test) is not None]
        self.unconditional = [way for way in usual if way.test is None]

    def best(self, slots: Values, context: Values) -> list[_Way]:
        fitting = [way for test, way in self.conditional if test(slots, context)] if self.conditional else None
        return fitting or self.unconditional


class _Way:
    """A variation. One without placeholders is one message, made once."""

    __slots__ = ("_buttons", "_constant", "_is_jinja", "_name", "_pieces", "_text", "channel", "test")

    def __init__(self, name: str, variation: Variation) -> None:
        self._name = name
        self.test = _test(variation)
        self.channel = variation.channel
        self._text = variation.text
        self._is_jinja = variation.is_jinja
        self._pieces = None if variation.text is None else _pieces(variation.text)
        self._buttons = tuple((_pieces(one.title), _pieces(one.payload)) for one in variation.buttons)
        self._constant: BotUttered | None = None
        if not any(self._variable_parts()):
            self._constant = self._message(self._filled(_NO_VALUES), _NO_VALUES)

    def message(self, slots: Values, context: Values, warnings: list[str], variables: Values) -> BotUttered:
        if self._constant is not None:
            return self._constant
        if not self._is_jinja or self._text is None:
            return self._message(self._filled(slots), slots)
        try:
            text: str | None = render(self._text, {**slots, "slots": slots, "context": context, **variables})
        except UnrenderableError as error:
            warnings.append(f"`{self._name}` cannot be rendered: {error}")
            text = None
        return self._message(text, slots)

    def _variable_parts(self) -> Iterable[bool]:
        yield self._is_jinja and self._text is not None
        yield self._pieces is not None and not _is_plain(self._pieces)
        for title, payload in self._buttons:
            yield not (_is_plain(title) and _is_plain(payload))

    def _filled(self, slots: Values) -> str | None:
        return None if self._pieces is None else _joined(self._pieces, slots)

    def _message(self, text: str | None, slots: Values) -> BotUttered:
        buttons = tuple(Button(_joined(title, slots), _joined(payload, slots)) for title, payload in self._buttons)
        return BotUttered(text, self._name, buttons)


def _test(variation: Variation) -> _Test | None:
    condition = variation.condition
    if condition is None:
        return None
    if not isinstance(condition, tuple):
        return condition.holds
    return _all_are(condition) if condition else None


def _all_are(wanted: tuple[SlotIs, ...]) -> _Test:
    pairs = tuple((one.name, one.value) for one in wanted)
    return lambda slots, context: all(slots.get(name) == value for name, value in pairs)


def _pieces(text: str) -> tuple[_Piece, ...]:
    """The text cut at its placeholders; double braces stand for single ones."""
    pieces: list[_Piece] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        pieces.append(text[at : found.start()])
        pieces.append(found[0][0] if found[1] is None else (found[1], found[0]))
        at = found.end()
    pieces.append(text[at:])
    merged: list[_Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return tuple(merged)


def _is_plain(pieces: tuple[_Piece, ...]) -> bool:
    return all(isinstance(piece, str) for piece in pieces)


def _joined(pieces: tuple[_Piece, ...], slots: Values) -> str:
    """Empty slots are shown as `None`, as the reference does; a placeholder of no slot stays as it is written."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(
        piece if isinstance(piece, str) else str(slots[piece[0]]) if piece[0] in slots else piece[1] for piece in pieces
    )
