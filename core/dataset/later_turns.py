"""The turns after changed commands: where a rephrasing has another value, or other commands, than its step (a person accepted
it, or the rule that found it the same looks at names alone), or where a person has corrected those of the step itself, the
engine plays the conversation with them, and later prompts show what it came to.

A later prompt is the original one with what the change makes of it: slot values, replies of the assistant. From where the
conversation goes another way, and where the engine cannot tell, the later turns of the variant are left out, each with the
reason.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.commands import Dialect, from_json
from core.dataset.corpus import Conversation, SelectionCounts, Step, read_corpus
from core.dataset.frames import Frame, context_of, frame_of_context
from core.dataset.labels import HAS_STEPS_COMMANDS
from core.dataset.selection import Rephrasings
from core.errors import TemplateError, WorkbenchError
from core.project import Project
from core.prompts.context import Line, PromptContext, one_line
from core.prompts.segments import SegmentCache
from core.prompts.template import PromptTemplate

if TYPE_CHECKING:
    from core.dialogue.turn import Turn
    from core.testing.replay import Said
    from core.testing.replay_setup import ReplaySetup

_CANDIDATES = (
    "SELECT DISTINCT r.conversation_id FROM rephrasing r JOIN verdict v ON v.id = r.verdict_id JOIN user_step s"
    " ON s.id = r.step_id WHERE r.active = 1 AND (r.state = 1 AND r.verdict IN ('different', 'ambiguous') OR"
    f" r.verdict = 'same' AND NOT {HAS_STEPS_COMMANDS}) AND v.commands IS NOT s.commands AND v.commands <> '[]'"
    " UNION SELECT conversation_id FROM user_step WHERE active = 1 AND ingested_commands <> commands ORDER BY 1"
)
_CORRECTED = (
    "SELECT DISTINCT conversation_id FROM user_step WHERE active = 1 AND ingested_commands <> commands ORDER BY conversation_id"
)

_PATH = ("current_flow", "current_slot")
"""Where a conversation is, in the variables of its prompt."""

Place = tuple[int, int]
"""Variant and user step."""


@dataclass(slots=True)
class LaterTurns:
    """By conversation: the prompts to take in the place of the original's, None where there is no data point.

    `skeletons`: of the prompts that were rendered again, `count` of them; rows of other steps may repeat theirs. `left_out`:
    where (file:line, variant), and why.
    """

    frames: dict[int, dict[Place, Frame | None]] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    skeletons: set[str] = field(default_factory=set)
    count: int = 0


def later_turns(
    project: Project, connection: sqlite3.Connection, mode: Rephrasings, dialect: Dialect, template: PromptTemplate
) -> LaterTurns:
    """Plays what has to be played. A project without such rephrasings and steps costs one query."""
    found = LaterTurns()
    candidates = connection.execute(_CORRECTED if mode is Rephrasings.NONE else _CANDIDATES).fetchall()
    if not candidates:
        return found
    connection.execute("CREATE TEMP TABLE changed_order (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
    connection.executemany("INSERT INTO changed_order (conversation_id) VALUES (?)", candidates)
    setup: ReplaySetup | str | None = None
    cache = SegmentCache()
    for conversation in read_corpus(connection, mode, dialect, SelectionCounts(), order="changed_order"):
        if not conversation.has_changes:
            continue
        if setup is None:
            setup = _set_up(project, connection)
        _Variants(conversation, setup, template, cache, found).render()
    connection.execute("DROP TABLE changed_order")
    return found


def _set_up(project: Project, connection: sqlite3.Connection) -> ReplaySetup | str:
    """The engine, or why it cannot play. Imported here: hardly any export needs it."""
    from core.testing.replay_setup import replay_setup

    try:
        return replay_setup(project, connection)
    except WorkbenchError as error:
        return f"the engine cannot play the tests: {error.what}"


class _Variants:
    """The variants of one conversation in which commands are changed."""

    def __init__(
        self, conversation: Conversation, setup: ReplaySetup | str, template: PromptTemplate, cache: SegmentCache,
        found: LaterTurns,
    ) -> None:  # fmt: skip
        self._conversation, self._setup, self._template = conversation, setup, template
        self._cache, self._found = cache, found
        self._frames: dict[Place, Frame | None] = {}
        self._key = (conversation.file, conversation.name, conversation.occurrence)

    def render(self) -> None:
        from core.testing.replay import Said

        steps = self._conversation.steps
        corrected = [step.ordinal for step in steps if step.is_corrected]
        for variant in range(0 if corrected else 1, max(len(step.choices) for step in steps) + 1):
            chosen = {
                step.ordinal: step.choices[(variant - 1) % len(step.choices)] for step in steps if variant and step.choices
            }
            changed = corrected + [ordinal for ordinal, choice in chosen.items() if choice.changes]
            if not changed:
                continue
            later = [step for step in steps if step.ordinal > min(changed) and step.prompt is not None]
            texts = {ordinal: choice.text for ordinal, choice in chosen.items()}
            said = {
                step.ordinal: Said(chosen[step.ordinal].text, from_json(chosen[step.ordinal].commands or step.commands or "[]"))
                for step in steps
                if step.ordinal in chosen
            }
            self._render_one(variant, said, texts, min(changed), [step for step in later if not (variant and _is_fixed(step))])
        self._found.frames[self._conversation.id] = self._frames

    def _as_read(self, setup: ReplaySetup) -> tuple[Turn, ...]:
        """The turns of the test with the commands that were read for its steps, which its prompts come from."""
        from core.testing.replay import Said

        read = {
            step.ordinal: Said(step.text, from_json(step.read or "[]"))
            for step in self._conversation.steps
            if step.is_corrected
        }
        return setup.replays.changed(self._key, read).turns if read else setup.replays.original(self._key)

    def _render_one(
        self, variant: int, said: Mapping[int, Said], texts: Mapping[int, str], changed: int, later: list[Step]
    ) -> None:
        setup = self._setup
        if isinstance(setup, str):
            self._leave_out(variant, later, setup)
            return
        original = self._as_read(setup)
        replayed = setup.replays.changed(self._key, said)
        contexts = [
            (setup.prompts.context(before.before), setup.prompts.context(after.before))
            for before, after in zip(original, replayed.turns, strict=False)
        ]
        left, where = _leaves_path(contexts, changed)
        for step in later:
            why = ""
            if step.ordinal >= left:
                why = where if step.ordinal == left else f"the conversation went another way before, at user step {left}"
            elif step.ordinal > len(replayed.turns):
                why = replayed.ended
            elif step.ordinal > len(original) or original[step.ordinal - 1].text != step.text:
                why = "its test is not what the project has read: ingest it again"
            else:
                before, after = contexts[step.ordinal - 1]
                if self._is_up_to_date(step, after):
                    continue
                frame = self._frame(step, before, after, texts, changed)
                if isinstance(frame, Frame):
                    self._frames[variant, step.ordinal] = frame
                    self._found.count += 1
                    continue
                why = frame
            self._leave_out(variant, [step], why)

    def _is_up_to_date(self, step: Step, after: PromptContext) -> bool:
        """Whether the step's own prompt shows what the engine comes to already: it was made after the correction."""
        assert step.prompt is not None
        if not any(one.is_corrected for one in self._conversation.steps):
            return False
        _, own = context_of(step.prompt, self._template)
        shared = own.variables.keys() & after.variables.keys()
        replies = [[line for line in context.history if line.speaker == "AI"] for context in (own, after)]
        return replies[0] == replies[1] and all(own.variables[name] == after.variables[name] for name in shared)

    def _leave_out(self, variant: int, steps: list[Step], why: str) -> None:
        one = self._conversation
        for step in steps:
            self._frames[variant, step.ordinal] = None
            place = f"{one.file}:{step.line}" if step.line else f"{one.file}::{one.name}"
            self._found.left_out.append((f"{place} (variant {variant})", why))

    def _frame(
        self, step: Step, before: PromptContext, after: PromptContext, texts: Mapping[int, str], changed: int
    ) -> Frame | str:
        """`before` and `after`: of the engine, for the original and for the variant."""
        assert step.prompt is not None
        if step.prompt.fixed:
            return "its prompt's conversation is not the test's, so it cannot be changed"
        try:
            template, own = context_of(step.prompt, self._template)
            variables = _changed_variables(own.variables, before.variables, after.variables)
            if isinstance(variables, str):
                return variables
            history = _changed_history(own, before, after, texts, step.ordinal, changed)
            if isinstance(history, str):
                return history
            context = PromptContext(variables, history, one_line(texts.get(step.ordinal, step.text)))
            frame, skeleton = frame_of_context(template, context, step.ordinal, self._cache)
        except TemplateError as error:
            return f"its prompt cannot be rendered: {error.what}"
        self._found.skeletons.add(skeleton)
        return frame


def _is_fixed(step: Step) -> bool:
    return step.prompt is not None and step.prompt.fixed


def _leaves_path(contexts: Sequence[tuple[PromptContext, PromptContext]], changed: int) -> tuple[float, str]:
    """The first user step after the changed one where original and variant are not at the same question, and the reason;
    infinity if they always are. What is said from there on answers questions that the variant was not asked."""
    for ordinal in range(changed + 1, len(contexts) + 1):
        before, after = (context.variables for context in contexts[ordinal - 1])
        for name in _PATH:
            if before.get(name) != after.get(name):
                came, was = after.get(name), before.get(name)
                return ordinal, f"the conversation goes another way: `{name}` is {came!r} there, and not {was!r}"
    return math.inf, ""


def _changed_variables(own: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any] | str:
    """The prompt's own variables with what the change makes of them, or why they cannot be had."""
    for name in _PATH:
        if before.get(name) != own.get(name):
            return f"the engine is not where its prompt is: `{name}` is {before.get(name)!r} there, and not {own.get(name)!r}"
    variables = dict(own)
    for name in (name for name in after if name in own and before.get(name) != after[name]):
        if own[name] == before.get(name):
            variables[name] = after[name]
        elif name == "flow_slots":
            variables[name] = _with_values(own[name], before[name], after[name])
        else:
            return f"its prompt's `{name}` is not the engine's, and the change changes it"
    return variables


def _with_values(own: Any, before: Any, after: Any) -> list[dict[str, Any]]:
    """A listing of slots that another program made, with the values that differ between two listings of the engine."""
    old = {slot["name"]: slot["value"] for slot in before}
    new = {slot["name"]: slot["value"] for slot in after if old.get(slot["name"]) != slot["value"]}
    return [{**slot, "value": new[slot["name"]]} if slot.get("name") in new else slot for slot in own]


def _changed_history(
    own: PromptContext, before: PromptContext, after: PromptContext, texts: Mapping[int, str], ordinal: int, changed: int
) -> tuple[Line, ...] | str:
    """The conversation with the variant's texts, and with other replies from the changed step on where the engine gives
    other ones."""
    parts, old, new = (list(_by_user(context.history)) for context in (own, before, after))
    if not len(parts) == len(old) == len(new):
        return "the conversation that the engine shows there is not the prompt's"
    lines: list[Line] = []
    for place, (user, replies) in enumerate(parts):
        step = ordinal - (len(parts) - 1) + place
        if user is not None:
            lines.append(Line("USER", one_line(texts[step])) if step in texts else user)
        differs = step >= changed and old[place][1] != new[place][1]
        lines += new[place][1] if differs else replies
    return tuple(lines)


def _by_user(history: tuple[Line, ...]) -> Iterator[tuple[Line | None, list[Line]]]:
    """Each USER line with the replies to it; what is said before the first user line is with the one before that."""
    user: Line | None = None
    replies: list[Line] = []
    for line in history:
        if line.speaker == "USER":
            if user is not None or replies:
                yield user, replies
            user, replies = line, []
        else:
            replies.append(line)
    yield user, replies
