"""From a conversation to data points: the original, then one variant per rephrasing index.

Variant *i* says every step with its *i*-th chosen rephrasing, wrapping around; a step without any keeps its original
text. History and dialogue state are those of the original prompt; only user texts change, each addressed by its step. The
turns after changed commands have prompts of their own (`later_turns`).

Composing gives drafts, which know what they say but not how it is rendered: most of what a build decides is decided on
drafts. All texts are handled as the inside of JSON strings, so that a row is a join of bytes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.commands import Dialect, from_json, to_lines
from core.dataset.corpus import Choice, Conversation, Step, StoredPrompt
from core.dataset.frames import Frame, frame_of_step
from core.dataset.later_turns import LaterTurns
from core.prompts.context import one_line
from core.prompts.segments import SegmentCache, Text, json_inside
from core.prompts.template import PromptTemplate

ORIGINAL = -1
"""In the place of a choice's number: the step says its original text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A data point before it is rendered. `chosen`: by user step, the number of its choice, or `ORIGINAL`."""

    step: Step
    variant: int
    frame: Frame
    chosen: list[int]

    @property
    def pick(self) -> int:
        return self.chosen[self.step.ordinal]

    @property
    def choice(self) -> Choice | None:
        return self.step.choices[self.pick] if self.pick >= 0 else None

    @property
    def commands(self) -> str:
        """The label, in canonical JSON."""
        choice = self.choice
        own = None if choice is None else choice.commands
        return self.step.commands or "[]" if own is None else own


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One row. All texts are insides of JSON strings, in UTF-8; the prompt is given in pieces."""

    prompt: list[bytes]
    completion: bytes
    original: bytes
    said: bytes


class Composer:
    """`most`: variants of a conversation beside its original, None: as many as there are. Which ones `seed` decides.

    `shared` holds the skeletons (all of a prompt but the user's texts) that more than one step has: rows of any other step
    can only repeat each other. `later` has the prompts of turns after changed commands.
    """

    def __init__(
        self, template: PromptTemplate, dialect: Dialect, shared: frozenset[str], later: LaterTurns,
        *, most: int | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        self.most, self.seed = most, seed
        self.later = later.frames
        self._template = template
        self._dialect = dialect
        self._shared = shared | later.skeletons
        self._cache = SegmentCache()
        self.completion = lru_cache(maxsize=65536)(self._print)

    def _print(self, commands: str) -> bytes:
        return json_inside(to_lines(from_json(commands), self._dialect))

    def compose(self, conversation: Conversation) -> Composed | None:
        """None: no step of it has a prompt."""
        if all(step.prompt is None for step in conversation.steps):
            return None
        return Composed(self, conversation)

    def frame(self, step: Step, prompt: StoredPrompt) -> Frame:
        return frame_of_step(prompt, step.ordinal, self._template, self._cache, shared=prompt.skeleton in self._shared)


class Composed:
    """The data points of one conversation."""

    def __init__(self, composer: Composer, conversation: Conversation) -> None:
        self._composer, self.conversation = composer, conversation
        self._frames = [(step, composer.frame(step, step.prompt)) for step in conversation.steps if step.prompt is not None]
        self._width = max(step.ordinal for step in conversation.steps) + 1
        self._said = {step.ordinal: [_said(choice.text) for choice in step.choices] for step in conversation.steps}
        self._originals = {step.ordinal: json_inside(one_line(step.text)) for step in conversation.steps}
        self._later = composer.later.get(conversation.id) if conversation.has_changes else None

    def drafts(self) -> Iterator[Draft]:
        """Variant by variant, the original first."""
        steps = self.conversation.steps
        for variant in self._variants():
            chosen = [ORIGINAL] * self._width
            if variant:
                for step in steps:
                    if step.choices:
                        chosen[step.ordinal] = (variant - 1) % len(step.choices)
            for step, original in self._frames:
                frame: Frame | None = original
                if self._later is not None and (variant, step.ordinal) in self._later:
                    frame = self._later[variant, step.ordinal]
                if frame is not None and not (variant and frame.fixed):
                    yield Draft(step, variant, frame, chosen)

    def _variants(self) -> list[int]:
        possible = max(len(step.choices) for step in self.conversation.steps)
        most = self._composer.most
        if most is None or possible <= most:
            return list(range(possible + 1))
        one = self.conversation
        chance = random.Random(f"{self._composer.seed}\x1f{one.file}\x1f{one.name}\x1f{one.occurrence}")
        return [0, *sorted(chance.sample(range(1, possible + 1), most))]

    def render(self, draft: Draft) -> DataPoint:
        frame, chosen, ordinal = draft.frame, draft.chosen, draft.step.ordinal
        parts = frame.lines
        if draft.variant and frame.user_places:
            parts = parts.copy()
            for place, said_in in frame.user_places:
                if chosen[said_in] >= 0:  # else it stands as the prompt has it
                    parts[place] = b"USER: " + self._said[said_in][chosen[said_in]]
        history = frame.lead + b"\\n".join(parts)
        pick = chosen[ordinal]
        original = self._originals[ordinal]
        said = original if pick < 0 else self._said[ordinal][pick]
        message = frame.message if pick < 0 else said
        prompt = [
            piece if isinstance(piece, bytes) else history if piece is Text.HISTORY else message for piece in frame.pieces
        ]
        return DataPoint(prompt, self._composer.completion(draft.commands), original, said)


def _said(text: str) -> bytes:
    """A user's text without line breaks, as Rasa sanitises it."""
    return json_inside(one_line(text))
