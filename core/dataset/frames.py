"""A step's prompt in pieces, with the places that change from row to row; all texts as the inside of JSON strings."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.corpus import StoredPrompt
from core.errors import TemplateError
from core.pipeline.known_prompts import skeleton_of
from core.prompts.context import Line, PromptContext, conversation_text, parse_conversation
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.segments import SegmentCache, Text, json_inside
from core.prompts.template import PromptTemplate


@dataclass(slots=True)
class Frame:
    """A step's prompt with its changing places: `pieces` between which conversation and message stand."""

    pieces: tuple[bytes | Text, ...]
    lines: list[bytes]
    user_places: list[tuple[int, int]]
    lead: bytes
    message: bytes
    skeleton: bytes
    shared: bool
    fixed: bool  # other texts cannot be put into this prompt


def frame_of_step(prompt: StoredPrompt, ordinal: int, template: PromptTemplate, cache: SegmentCache, *, shared: bool) -> Frame:
    """The frame of an original prompt, into which the texts of every variant are put."""
    skeleton = prompt.skeleton.encode()
    if prompt.stored is not None:
        assert prompt.places is not None
        pieces, conversation, message = _cut(prompt.stored, prompt.places)
        history = parse_conversation(conversation)
        assert history is not None, "checked when the prompt was taken apart"
    else:
        assert prompt.context is not None
        context = PromptContext.from_json(prompt.context)
        segmented = cache.get(template, context)
        history, message = context.history, context.user_message
        conversation = conversation_text(history)
        parts = segmented.json_parts()
        if parts is None:  # the template does more with the texts than print them: only the original is certain
            parts = (json_inside(segmented.render(conversation, message)),)
            history = ()
            conversation = ""
            skeleton = parts[0]  # the conversation is in it
        pieces = parts
    fixed = prompt.fixed or not history
    places = [] if fixed else _user_places(history, ordinal)
    return Frame(pieces, _lines(history), places, _lead(conversation), json_inside(message), skeleton, shared, fixed)


def frame_of_context(template: PromptTemplate, context: PromptContext, ordinal: int, cache: SegmentCache) -> tuple[Frame, str]:
    """The frame of one variant's prompt at a user step, whose texts are in the context already; and its skeleton.

    Raises:
        TemplateError: the context cannot be rendered with the template.
    """
    segmented = cache.get(template, context)
    conversation = conversation_text(context.history)
    skeleton = skeleton_of(segmented, context)
    message = json_inside(context.user_message)
    parts = segmented.json_parts()
    if parts is None:
        whole = json_inside(segmented.render(conversation, context.user_message))
        return Frame((whole,), [], [], b"", message, whole, True, False), skeleton
    lines, lead = _lines(context.history), _lead(conversation)
    places = _user_places(context.history, ordinal)
    return Frame(parts, lines, places, lead, message, skeleton.encode(), True, False), skeleton


def context_of(prompt: StoredPrompt, template: PromptTemplate) -> tuple[PromptTemplate, PromptContext]:
    """What an original prompt was rendered from, and the template that does.

    Raises:
        TemplateError: a stored prompt cannot be taken apart.
    """
    if prompt.stored is None:
        assert prompt.context is not None
        return template, PromptContext.from_json(prompt.context)
    found = invert_prompt(template, prompt.stored)
    if not isinstance(found, Inverted):
        raise TemplateError(f"it could not be taken apart: {found.reason}")
    return found.template, found.context


def _lines(history: tuple[Line, ...]) -> list[bytes]:
    return [json_inside(f"{line.speaker}: {line.text}") for line in history]


def _lead(conversation: str) -> bytes:
    return b"\\n" if conversation.startswith("\n") else b""


def _user_places(history: tuple[Line, ...], ordinal: int) -> list[tuple[int, int]]:
    """Index of each USER line and the user step it is, counted back from the current one (checked by `align`)."""
    indices = [index for index, line in enumerate(history) if line.speaker == "USER"]
    return [(index, ordinal - back) for back, index in enumerate(reversed(indices))]


def _cut(stored: str, places: tuple[int, int, int, int]) -> tuple[tuple[bytes | Text, ...], str, str]:
    history_start, history_end, message_start, message_end = places
    conversation, message = stored[history_start:history_end], stored[message_start:message_end]
    if history_start < message_start:
        first, second, spans = Text.HISTORY, Text.MESSAGE, (history_start, history_end, message_start, message_end)
    else:
        first, second, spans = Text.MESSAGE, Text.HISTORY, (message_start, message_end, history_start, history_end)
    pieces: tuple[bytes | Text, ...] = (
        json_inside(stored[: spans[0]]),
        first,
        json_inside(stored[spans[1] : spans[2]]),
        second,
        json_inside(stored[spans[3] :]),
    )
    return pieces, conversation, message
