"""From a conversation to data points: the original, then one variant per rephrasing index.

Variant *i* says every step with its *i*-th chosen rephrasing, wrapping around; a step without any keeps its original
text. History and dialogue state are those of the original prompt; only user texts change, each addressed by its step. The
turns after changed commands have prompts of their own (`export_changed`).
All texts are handled as the inside of JSON strings, so that a row is a join of bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from core.commands import Dialect, from_json, to_lines
from core.dataset.corpus import Choice, Conversation, Step, StoredPrompt
from core.dataset.frames import Frame, frame_of_step
from core.dataset.later_turns import LaterTurns
from core.prompts.context import one_line
from core.prompts.segments import SegmentCache, Text, json_inside
from core.prompts.template import PromptTemplate


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One row. All texts are insides of JSON strings, in UTF-8; the prompt is given in pieces."""

    step: Step
    variant: int
    prompt: list[bytes]
    completion: bytes
    original: bytes
    rephrased: bytes | None
    choice: Choice | None


class Composer:
    """Makes the data points of one conversation after another and drops exact duplicates, whoever came first stays.

    `shared` holds the skeletons (all of a prompt but the user's texts) that more than one step has. Rows of any other
    step can only repeat each other, so what was seen of them is forgotten with their conversation. `later` has the prompts
    of turns after changed commands.
    """

    def __init__(self, template: PromptTemplate, dialect: Dialect, shared: frozenset[str], later: LaterTurns) -> None:
        self._template = template
        self._dialect = dialect
        self._shared = shared | later.skeletons
        self._later = later.frames
        self._cache = SegmentCache()
        self._seen: set[bytes] = set()
        self._completion = lru_cache(maxsize=65536)(self._print)
        self.duplicates = 0

    def _print(self, commands: str) -> bytes:
        return json_inside(to_lines(from_json(commands), self._dialect))

    def compose(self, conversation: Conversation) -> Iterator[DataPoint]:
        """The data points of a conversation, without duplicates, variant by variant."""
        frames = [(step, self._frame(step, step.prompt)) for step in conversation.steps if step.prompt is not None]
        if not frames:
            return
        variants = max((len(step.choices) for step in conversation.steps), default=0)
        ordinals = [step.ordinal for step in conversation.steps]
        width = max(ordinals, default=0) + 1
        lines: list[bytes] = [b""] * width
        inside: dict[int, list[tuple[bytes, bytes]]] = {}
        for step in conversation.steps:
            inside[step.ordinal] = [_said(choice.text) for choice in step.choices]
        originals = {step.ordinal: json_inside(step.text) for step, _ in frames}
        labels = {step.ordinal: self._labels(step) for step, _ in frames}
        seen_here: set[bytes] = set()
        later = self._later.get(conversation.id) if conversation.has_changes else None
        for variant in range(variants + 1):
            chosen: list[int] = [-1] * width
            if variant:
                for step in conversation.steps:
                    if step.choices:
                        chosen[step.ordinal] = (variant - 1) % len(step.choices)
                        lines[step.ordinal] = inside[step.ordinal][chosen[step.ordinal]][0]
            for step, original in frames:
                ordinal = step.ordinal
                pick = chosen[ordinal]
                frame = original
                if later is not None and (variant, ordinal) in later:
                    again = later[variant, ordinal]
                    if again is None:
                        continue
                    frame = again
                if variant and frame.fixed:
                    continue
                parts = frame.lines
                if variant:
                    parts = parts.copy()
                    for place, said_in in frame.user_places:
                        if chosen[said_in] >= 0:  # else it stands as the prompt has it
                            parts[place] = lines[said_in]
                history = frame.lead + b"\\n".join(parts)
                message = frame.message if pick < 0 else inside[ordinal][pick][1]
                completion = labels[ordinal][pick + 1]
                key = blake2b(b"\x1f".join((frame.skeleton, history, message, completion)), digest_size=16).digest()
                seen = self._seen if frame.shared else seen_here
                if key in seen:
                    self.duplicates += 1
                    continue
                seen.add(key)
                prompt = [
                    piece if isinstance(piece, bytes) else history if piece is Text.HISTORY else message
                    for piece in frame.pieces
                ]
                choice = step.choices[pick] if pick >= 0 else None
                rephrased = None if choice is None else inside[ordinal][pick][1]
                yield DataPoint(step, variant, prompt, completion, originals[ordinal], rephrased, choice)

    def _frame(self, step: Step, prompt: StoredPrompt) -> Frame:
        return frame_of_step(prompt, step.ordinal, self._template, self._cache, shared=prompt.skeleton in self._shared)

    def _labels(self, step: Step) -> list[bytes]:
        """Label of the original text, then of each choice."""
        assert step.commands is not None
        own = self._completion(step.commands)
        return [
            own,
            *(own if choice.commands is None else self._completion(choice.commands) for choice in step.choices),
        ]


def _said(text: str) -> tuple[bytes, bytes]:
    """A user's text as a line of the history, and as the message (without line breaks, as Rasa sanitises it)."""
    flat = json_inside(one_line(text))
    return b"USER: " + flat, flat
