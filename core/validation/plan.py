"""What the rephrasings of a step are judged against: its prompt, its label, and what the engine makes of both."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.assistant.reading import load_assistant
from core.commands import Command, Dialect, from_json
from core.dialogue.prompt import PromptBuilder
from core.errors import TemplateError, WorkbenchError
from core.llm.models import Request
from core.llm.roles import RoleSettings
from core.pipeline.known_prompts import project_dialect, project_template, work_out_prompts
from core.project import Project
from core.prompts.context import PromptContext
from core.prompts.question import command_question
from core.prompts.segments import SegmentCache
from core.prompts.template import PromptTemplate
from core.stages.models import StageName
from core.store.connection import transaction
from core.store.verdicts import Wording, siblings
from core.testing.replay_setup import replay_setup
from core.validation.models import SlotFacts, StepFacts
from core.validation.prompts import StepPrompt, step_prompt, stored_prompt
from core.validation.vocabulary import slot_facts, vocabulary_of

if TYPE_CHECKING:
    from core.testing.cases import TestKey
    from core.testing.replay import Replays

_KEPT_STEPS = 128
_STEP = (
    "SELECT c.file, c.name, c.occurrence, s.ordinal, s.text, s.is_button, s.commands, s.basis,"
    " CASE WHEN s.commands IS s.ingested_commands THEN s.unparsed END, p.known, p.reason, p.stored, p.context"
    " FROM user_step s JOIN conversation c ON c.id = s.conversation_id LEFT JOIN prompt p ON p.step_id = s.id WHERE s.id = ?"
)


@dataclass(frozen=True, slots=True)
class StepWork:
    """A step whose rephrasings can be judged. `texts`: id and wording of all its rephrasings."""

    key: TestKey
    ordinal: int
    basis: str
    prompt: StepPrompt
    facts: StepFacts
    texts: tuple[tuple[int, str], ...]

    def siblings_of(self, rephrasing_id: int) -> tuple[tuple[str, ...], int]:
        """The step's other wordings, those before this one first, and how many stand before it."""
        place = next((place for place, (id_, _) in enumerate(self.texts) if id_ == rephrasing_id), len(self.texts))
        return tuple(text for id_, text in self.texts if id_ != rephrasing_id), place


def item_of(one: Wording) -> str:
    """What a rephrasing is called in the ledger."""
    return f"rephrasing {one.id} ({one.place})"


@dataclass(slots=True)
class Ground:
    """What all steps of a project are judged with. For one thread.

    `replays` None: the engine cannot run the project's tests; `note` says why.
    """

    dialect: Dialect
    template: PromptTemplate
    replays: Replays | None = None
    note: str = ""
    slots: Mapping[str, SlotFacts] = field(default_factory=dict)
    vocabulary: frozenset[str] = frozenset()
    builder: PromptBuilder | None = None
    _cache: SegmentCache = field(default_factory=SegmentCache)
    _steps: OrderedDict[int, StepWork | str] = field(default_factory=OrderedDict)

    def step(self, connection: sqlite3.Connection, step_id: int) -> StepWork | str:
        """The step, or why its rephrasings cannot be judged. Those looked at last are kept."""
        found = self._steps.get(step_id)
        if found is None:
            found = self._steps[step_id] = self._read(connection, step_id)
            if len(self._steps) > _KEPT_STEPS:
                self._steps.popitem(last=False)
        self._steps.move_to_end(step_id)
        return found

    def question(self, work: StepWork, one: Wording, settings: RoleSettings, sample: int = 0) -> Request:
        """What the command generator is asked if the user says this instead of the step's message."""
        prompt, variables = work.prompt.with_text(one.text), work.prompt.context.variables
        stage = StageName.VALIDATE.value
        return command_question(prompt, variables, self.dialect, settings, stage=stage, item=item_of(one), sample=sample)

    def processed(self, work: StepWork, commands: tuple[Command, ...]) -> tuple[Command, ...] | None:
        """What the engine carries out of an answer, None where it cannot run the conversation."""
        if self.replays is None:
            return None
        return self.replays.processed(work.key, work.ordinal, work.facts.original, commands)

    def _read(self, connection: sqlite3.Connection, step_id: int) -> StepWork | str:
        row = connection.execute(_STEP, (step_id,)).fetchone()
        file, name, occurrence, ordinal, text, is_button, stored_commands, basis, unparsed, *prompt_row = row
        if is_button:
            return "a button: not handled by the command generator"
        if unparsed is not None:
            return f"commands not understood: {'; '.join(json.loads(unparsed))}"
        if stored_commands is None or stored_commands == "[]":
            return "the step has no commands: annotate it first"
        key = (file, name, occurrence)
        try:
            prompt = self._prompt(key, ordinal, text, *prompt_row)
        except TemplateError as error:
            return f"its prompt cannot be rendered: {error.what}"
        if isinstance(prompt, str):
            return prompt
        commands = from_json(stored_commands)
        processed = None
        if self.replays is not None:
            processed = self.replays.processed(key, ordinal, text, commands)
        facts = StepFacts(
            text,
            commands,
            processed,
            prompt.history,
            prompt.now,
            self._slots_at(prompt),
            self.vocabulary,
            prompt.flow,
        )
        return StepWork(key, ordinal, basis, prompt, facts, tuple(siblings(connection, step_id)))

    def _prompt(
        self, key: TestKey, ordinal: int, text: str, known: int | None, reason: str | None, stored: str | None,
        context: str | None,
    ) -> StepPrompt | str:  # fmt: skip
        if known is None:  # none is stored: the engine may know the state all the same
            state = None if self.replays is None else self.replays.before(key, ordinal, text)
            if state is None or self.builder is None:
                why = f" ({self.note})" if self.note else ""
                return f"prompt unknown: none is stored, and the engine cannot play its test up to here{why}"
            return step_prompt(self.template, self.builder.context(state), self._cache)
        if not known:
            return f"prompt unknown: {reason}"
        if stored is not None:
            return stored_prompt(self.template, stored, self._cache)
        assert context is not None
        return step_prompt(self.template, PromptContext.from_json(context), self._cache)

    def _slots_at(self, prompt: StepPrompt) -> Mapping[str, SlotFacts]:
        asked = prompt.asked
        if asked is None:
            return self.slots
        return {**self.slots, asked: replace(self.slots.get(asked, SlotFacts()), asked=True)}


def ground(project: Project) -> Ground:
    """Reads the assistant and its tests. What cannot be used of them costs exactness, not the run: see `Ground.note`.

    Raises:
        TemplateError: the project's template cannot be used.
    """
    with closing(project.open()) as connection:
        dialect = project_dialect(project, connection)
        template = project_template(project, dialect)
        with transaction(connection):
            work_out_prompts(connection, template)
        found = Ground(dialect, template)
        try:
            setup = replay_setup(project, connection)
        except WorkbenchError as error:
            found.note = f"the engine cannot play the tests: {error.what}"
        else:
            found.replays, found.builder = setup.replays, setup.prompts
    try:
        assistant = setup.assistant if found.replays is not None else load_assistant(project.root)
    except WorkbenchError:
        return found
    found.slots, found.vocabulary = slot_facts(assistant), vocabulary_of(assistant)
    return found
