"""The stack of a conversation: which flow stands where, and what is above what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.dialogue import turn
from core.dialogue.program import Node, Program

Place = tuple[Node, ...]
"""A collect step, after the call steps through which it was reached from the root flow."""


class Frame:
    """A flow under way. `node`: where it stands, None at its end. `root`: the frame that it was called from, directly or
    not, or itself.

    `has_begun`: it has visited a step; one that has not waits for its turn. `is_waiting`: its step waits for the user.
    `calls`: the call steps that lead from the root to here. `places`: of a root, the collect steps visited, in order.
    `asks_for`: of a frame of the project's own `pattern_collect_information`, the step it asks for.
    `about`: of a pattern, the root frame that it cancels or corrects. `ended`: of a pattern, the user flow that ended just
    before it and whose follow-up (resume, completed) is still due.
    """

    __slots__ = (
        *("about", "asks_for", "calls", "context", "ended", "has_begun", "is_waiting"),
        *("last", "node", "places", "program", "root"),
    )

    def __init__(self, program: Program, caller: Frame | None = None, context: dict[str, Any] | None = None) -> None:
        self.program = program
        self.node = program.first
        self.last = ""
        self.root: Frame = self if caller is None else caller.root
        self.context: dict[str, Any] = {} if context is None else context
        self.calls: Place = ()
        self.places: dict[Place, None] = {}
        self.has_begun = False
        self.is_waiting = False
        self.asks_for: Node | None = None
        self.about: Frame | None = None
        self.ended: Program | None = None

    @property
    def is_called(self) -> bool:
        return self.root is not self and self.asks_for is None

    @property
    def is_user_flow(self) -> bool:
        return not self.root.program.is_pattern

    def shown(self) -> turn.Frame:
        step = self.node.step.id if self.node is not None and self.has_begun else None
        return turn.Frame(self.program.id, step, self.root is not self)


Stack = list[Frame]


def shown(stack: Stack) -> tuple[turn.Frame, ...]:
    """As a `State` has it: without the frames that only ask for a slot of the frame below them."""
    return tuple(frame.shown() for frame in stack if frame.asks_for is None)


def user_flows(stack: Stack) -> Iterator[Frame]:
    """The root frames of user flows, top first."""
    return (frame for frame in reversed(stack) if frame.root is frame and not frame.program.is_pattern)


def top_user_flow(stack: Stack) -> Frame | None:
    for frame in reversed(stack):
        root = frame.root
        if not root.program.is_pattern:
            return root
    return None


def members(stack: Stack, root: Frame) -> list[Frame]:
    """A root frame and all that it called, bottom first."""
    return [frame for frame in stack if frame.root is root]


def remove(stack: Stack, root: Frame) -> None:
    stack[:] = [frame for frame in stack if frame.root is not root]


def drop_waiting_patterns(stack: Stack) -> None:
    """Patterns above the topmost user flow vanish with their questions."""
    while stack and stack[-1].root.program.is_pattern:
        stack.pop()
