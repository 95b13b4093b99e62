"""The dialogue engine: conversations a second on the sample project with recorded commands, and what more flows cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.measure import Figure, interleaved, median_seconds
from core.assistant.models import Assistant, Branch, Call, Collect, Flow, Link, Next, SetSlots, Step
from core.assistant.reading import load_assistant
from core.commands import Command, parse_any
from core.conversations.models import AnnotatedConversation, TurnKind
from core.conversations.reading import read_file
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.compat import compat
from core.dialogue.engine import Engine

SAMPLE: Final = Path(__file__).parents[1] / "examples" / "harbour"
VERSION: Final = "3.12"
TIMES: Final = 10
"""How often the larger assistant has the sample's flows and slots."""
MOST_MILLISECONDS: Final = 0.5
"""For a conversation: 2,000 a second."""

Script = tuple[tuple[str, tuple[Command, ...]], ...]


class _Silent:
    """Custom actions that do nothing: what they cost is not the engine's."""

    def run(self, request: ActionRequest) -> ActionResult:
        return ActionResult()


def run(*, quick: bool) -> list[Figure]:
    """Medians of interleaved runs over all annotated conversations; no prompt is rendered."""
    runs = 3 if quick else 15
    scripts = _scripts()
    small = load_assistant(SAMPLE)
    large = _repeated(small, TIMES)
    prepared = Engine(small, compat(VERSION)), Engine(large, compat(VERSION))
    usual, grown = interleaved(lambda: _play(prepared[0], scripts), lambda: _play(prepared[1], scripts), runs)
    turns = sum(len(script) for script in scripts) / len(scripts)
    each = usual / len(scripts)
    compiling = median_seconds(lambda: Engine(large, compat(VERSION)), 3)
    return [
        Figure(f"a conversation of {turns:.1f} user turns, on one core", each * 1000, "ms", MOST_MILLISECONDS),
        Figure("conversations a second on one core", 1 / each, "/s"),
        Figure(f"the same with {TIMES} times the flows and slots", grown / usual, "×", 1.2, "the sample project"),
        Figure(f"preparing an assistant of {len(large.flows)} flows", compiling * 1000, "ms"),
    ]


def _play(engine: Engine, scripts: Iterable[Script]) -> None:
    actions = _Silent()
    for script in scripts:
        conversation = engine.conversation(actions)
        conversation.begin({})
        for text, commands in script:
            conversation.say(text, commands)


def _scripts() -> list[Script]:
    """The sample's annotated conversations: each user message with its commands, none for buttons."""
    found = []
    for path in sorted((SAMPLE / "annotations").glob("*.yml")):
        content = read_file(path, path.name).content
        assert isinstance(content, list | tuple)
        found += [_script(one) for one in content if isinstance(one, AnnotatedConversation)]
    return found


def _script(conversation: AnnotatedConversation) -> Script:
    users = (turn for turn in conversation.turns if turn.kind is TurnKind.USER)
    return tuple((turn.text, _parsed("\n".join(turn.commands or ()))) for turn in users)


def _parsed(text: str) -> tuple[Command, ...]:
    return tuple(parsed.command for parsed in parse_any(text).commands)


def _repeated(assistant: Assistant, times: int) -> Assistant:
    """The assistant with its flows and slots and further copies of them, all under names of their own."""
    flows, slots = dict(assistant.flows), dict(assistant.slots)
    for number in range(2, times + 1):
        mark = f"_{number}"
        flows |= {flow.id + mark: _copied(flow, mark) for flow in assistant.flows.values() if not flow.is_pattern}
        slots |= {name + mark: replace(slot, name=name + mark) for name, slot in assistant.slots.items()}
    return replace(assistant, flows=flows, slots=slots)


def _copied(flow: Flow, mark: str) -> Flow:
    return replace(flow, id=flow.id + mark, steps=tuple(_copied_step(step, mark) for step in flow.steps))


def _copied_step(step: Step, mark: str) -> Step:
    step = replace(step, next=_copied_next(step.next, mark))
    if isinstance(step, Collect):
        return replace(step, slot=step.slot + mark)
    if isinstance(step, Call | Link):
        return replace(step, flow=step.flow + mark)
    if isinstance(step, SetSlots):
        return replace(step, values=tuple((name + mark, value) for name, value in step.values))
    return step


def _copied_next(following: Next | None, mark: str) -> Next | None:
    """Conditions stay as they are: the copies are never run."""
    if not isinstance(following, tuple):
        return following
    return tuple(_copied_branch(branch, mark) for branch in following)


def _copied_branch(branch: Branch, mark: str) -> Branch:
    if not isinstance(branch.then, tuple):
        return branch
    return replace(branch, then=tuple(_copied_step(step, mark) for step in branch.then))
