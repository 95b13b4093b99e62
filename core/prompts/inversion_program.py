"""Instructions that match a rendered prompt: what a template's syntax tree is translated into.

A *path* names a variable as the template does: which loop's item it starts at (`loop`, -1 for none) and the attributes
below that. While matching, a path becomes a key such as ("available_flows", 3, "name").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

Step = str | int | tuple[str, tuple[Any, ...]]
"""One part of a key: an attribute, an index, or a recorded call (method, arguments)."""

Key = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Path:
    loop: int
    attributes: tuple[Step, ...]


class Codec(Enum):
    PLAIN = "str()"
    JSON = "json.dumps(ensure_ascii=False)"
    LOOSE_JSON = "jinja2's tojson"


class Question(Enum):
    """What a condition asks about a variable."""

    TRUE = "truthy"
    FILLED = "longer than 0"
    NONE = "None"
    DEFINED = "defined"
    EQUAL = "equal to a constant"
    FIRST = "first turn of the loop"
    LAST = "last turn of the loop"


@dataclass(slots=True)
class Literal:
    """A text of the template; `always` if no condition or loop decides whether it is printed."""

    text: str
    line: int
    always: bool


@dataclass(slots=True)
class Capture:
    """A printed variable. `stop` finds where it may end: the texts that can follow it."""

    path: Path
    codec: Codec
    line: int
    shape: re.Pattern[str] | None
    single_line: bool
    stop: re.Pattern[str] | str = ""


@dataclass(slots=True)
class Branch:
    question: Question
    path: Path
    constant: Any = None
    on_true: int = -1
    on_false: int = -1


@dataclass(slots=True)
class Counter:
    """`loop.index` or `loop.index0`, printed."""

    loop: int
    start: int


@dataclass(slots=True)
class Jump:
    target: int = -1


@dataclass(slots=True)
class Enter:
    """Start of a for-loop, `depth` loops deep; `empty` is where an empty list leads."""

    depth: int
    path: Path
    empty: int = -1


@dataclass(slots=True)
class Repeat:
    """End of a loop's turn: back to `body` or on to the next instruction."""

    depth: int
    body: int


@dataclass(slots=True)
class Accept:
    """End of the template: the prompt has to end here."""


Instruction = Literal | Capture | Branch | Counter | Jump | Enter | Repeat | Accept


class UnsupportedError(Exception):
    """The template does something that cannot be undone from its output."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"template line {line}: {what} cannot be inverted")


_WORD = re.compile(r"[^\s\"'(),:;{}\[\]]+")
_TYPE = re.compile(r"\w+")
_VALUES = re.compile(r"\[[^\n]*\]|None")
_HISTORY = re.compile(r"\n?(?:USER|AI): .*", re.DOTALL)
_SHAPES = {
    "name": _WORD,
    "current_flow": _WORD,
    "current_slot": _WORD,
    "type": _TYPE,
    "current_slot_type": _TYPE,
    "allowed_values": _VALUES,
    "current_slot_allowed_values": _VALUES,
    "current_conversation": _HISTORY,
}
_DIRECTIVES = {f"%{letter}": r"\d\d" for letter in "dmyHIMS"} | {"%Y": r"\d{4}", "%c": r".+", "%x": r".+", "%X": r".+"}
_MULTI_LINE = {"current_conversation", "user_message"}


def expected_shape(attribute: Step) -> tuple[re.Pattern[str] | None, bool]:
    """What a variable of this name looks like in nearly every prompt, and whether it stays on one line."""
    if isinstance(attribute, tuple):
        return _printed_by(*attribute), True
    if isinstance(attribute, int):
        return None, True
    return _SHAPES.get(attribute), attribute not in _MULTI_LINE


def _printed_by(method: str, arguments: tuple[Any, ...]) -> re.Pattern[str] | None:
    """What `strftime("%d %B")` prints; without this, where one of several moments ends could be anywhere."""
    if method != "strftime" or len(arguments) != 1 or not isinstance(arguments[0], str):
        return re.compile(r"\S+") if method == "tzname" else None
    directives = re.split(r"(%-?[A-Za-z%])", arguments[0])
    return re.compile("".join(_DIRECTIVES.get(part, r"\S+") if part[:1] == "%" else re.escape(part) for part in directives))


def set_stops(program: list[Instruction]) -> None:
    """Gives every capture the texts that may follow it."""
    for index, instruction in enumerate(program):
        if isinstance(instruction, Capture) and instruction.codec is Codec.PLAIN:
            followers = _followers(program, index + 1)
            if len(followers) == 1 and isinstance(program[index + 1], Literal):
                instruction.stop = program[index + 1].text  # type: ignore[union-attr]
            else:
                instruction.stop = re.compile("|".join(sorted(followers, key=len, reverse=True)))


def _followers(program: list[Instruction], start: int) -> set[str]:
    """Regular expressions of what can come next, through every branch that prints nothing."""
    found: set[str] = set()
    seen: set[int] = set()
    open_ = [start]
    while open_:
        at = open_.pop()
        if at in seen:
            continue
        seen.add(at)
        match program[at]:
            case Literal(text=text):
                found.add(re.escape(text))
            case Capture(codec=Codec.PLAIN):
                found.add("")
            case Capture():
                found.add(r'(?=["\[{0-9tfnNI-])')
            case Counter():
                found.add(r"(?=\d)")
            case Branch(on_true=on_true, on_false=on_false):
                open_ += [on_true, on_false]
            case Jump(target=target):
                open_.append(target)
            case Enter(empty=empty):
                open_ += [at + 1, empty]
            case Repeat(body=body):
                open_ += [body, at + 1]
            case Accept():
                found.add(r"\Z")
    return found
