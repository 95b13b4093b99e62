"""Which prompts are known: ingested ones that the template renders again byte for byte, and contexts it can render.

The result is kept beside each prompt with the template's digest, so it is worked out once, and again when the template
changes: where the conversation and the message stand in it, a digest of everything else (its *skeleton*), and one of the
state of the dialogue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from core.commands import Dialect
from core.conversations.identity import digest
from core.errors import TemplateError
from core.project import Project
from core.prompts.context import PromptContext
from core.prompts.invert import Inverted, invert_prompt
from core.prompts.segments import SegmentCache, SegmentedPrompt, Text
from core.prompts.states import state_key
from core.prompts.substitute import Mismatch, align
from core.prompts.template import PromptTemplate, load_template
from core.store.connection import read_meta

Progress = Callable[[str, int, int], None]


def project_dialect(project: Project, connection: sqlite3.Connection) -> Dialect:
    """`dialect` of workbench.toml, else the one detected at ingest, else V2."""
    configured = project.settings.project.dialect
    return Dialect(configured if configured != "auto" else read_meta(connection, "dialect") or Dialect.V2.value)


def project_template(project: Project, dialect: Dialect) -> PromptTemplate:
    """The template of workbench.toml, else Workbench's own for the dialect.

    Raises:
        TemplateError: it cannot be read or used, or teaches another dialect than the project's.
    """
    path = project.settings.project.prompt_template
    if path is None:
        return load_template(None, dialect)
    template = load_template(project.root / path)
    if template.dialect is not dialect:
        raise TemplateError(
            f"the prompt template {path} teaches commands of dialect {template.dialect.value}, the project's are"
            f" {dialect.value}",
            remedy="Set [project] dialect or prompt_template in workbench.toml so that both agree.",
        )
    return template


@dataclass(frozen=True, slots=True)
class _Finding:
    known: bool
    reason: str | None
    skeleton: str | None = None
    state: str | None = None
    places: tuple[int, int, int, int] | None = None


def work_out_prompts(
    connection: sqlite3.Connection, template: PromptTemplate, progress: Progress = lambda what, done, total: None
) -> int:
    """Work out every prompt that was not worked out with this template. Call in a transaction. Returns how many."""
    waiting = connection.execute(
        "SELECT p.step_id, s.conversation_id, s.ordinal FROM prompt p JOIN user_step s ON s.id = p.step_id"
        " WHERE p.template_sha256 IS NOT ? AND s.active = 1 ORDER BY s.conversation_id, s.ordinal",
        (template.sha256,),
    ).fetchall()
    cache = SegmentCache()
    originals: list[str] = []
    current: int | None = None
    for done, (step_id, conversation_id, ordinal) in enumerate(waiting):
        if done % 100 == 0:
            progress("taking prompts apart", done, len(waiting))
        if conversation_id != current:
            current = conversation_id
            originals = [
                text
                for (text,) in connection.execute(
                    "SELECT text FROM user_step WHERE conversation_id = ? AND active = 1 ORDER BY ordinal",
                    (conversation_id,),
                )
            ]
        stored, context = connection.execute("SELECT stored, context FROM prompt WHERE step_id = ?", (step_id,)).fetchone()
        if stored is not None:
            finding = _of_stored(template, stored, originals, ordinal)
        else:
            finding = _of_context(template, PromptContext.from_json(context), originals, ordinal, cache)
        connection.execute(
            "UPDATE prompt SET template_sha256 = ?, known = ?, reason = ?, skeleton = ?, state = ?, history_start = ?,"
            " history_end = ?, message_start = ?, message_end = ? WHERE step_id = ?",
            (
                template.sha256,
                int(finding.known),
                finding.reason,
                finding.skeleton,
                finding.state,
                *(finding.places or (None,) * 4),
                step_id,
            ),
        )
    return len(waiting)


def _of_stored(template: PromptTemplate, stored: str, originals: list[str], ordinal: int) -> _Finding:
    found = invert_prompt(template, stored)
    if not isinstance(found, Inverted):
        return _Finding(False, f"the prompt could not be taken apart with the template {template.name}: {found.reason}")
    segmented = SegmentCache().get(found.template, found.context)
    places = _places(segmented, found.context)
    if places is None:
        return _Finding(False, f"the template {template.name} changes the conversation or the message, or prints one twice")
    skeleton = skeleton_of(segmented, found.context)
    return _Finding(True, _why_fixed(found.context, originals, ordinal), skeleton, state_key(found.context), places)


def _of_context(
    template: PromptTemplate, context: PromptContext, originals: list[str], ordinal: int, cache: SegmentCache
) -> _Finding:
    try:
        segmented = cache.get(template, context)
    except TemplateError as error:
        return _Finding(False, f"its context cannot be rendered: {error.what}")
    return _Finding(True, _why_fixed(context, originals, ordinal), skeleton_of(segmented, context), state_key(context))


def _why_fixed(context: PromptContext, originals: list[str], ordinal: int) -> str | None:
    """Why only the original prompt can be used, None if other texts can be put into it."""
    alignment = align(context, originals, ordinal)
    return alignment.reason if isinstance(alignment, Mismatch) else None


def _places(segmented: SegmentedPrompt, context: PromptContext) -> tuple[int, int, int, int] | None:
    """Start and end of the conversation and of the message in the rendered prompt, in characters."""
    if segmented.pieces is None:
        return None
    texts = context.template_variables()
    spans: dict[Text, tuple[int, int]] = {}
    position = 0
    for piece in segmented.pieces:
        length = len(piece if isinstance(piece, str) else texts[piece.value])
        if isinstance(piece, Text):
            if piece in spans:
                return None
            spans[piece] = (position, position + length)
        position += length
    if len(spans) != 2:
        return None
    return (*spans[Text.HISTORY], *spans[Text.MESSAGE])


def skeleton_of(segmented: SegmentedPrompt, context: PromptContext) -> str:
    """Digest of all of a prompt but the user's texts: two steps can only yield equal rows if theirs are equal."""
    fixed = segmented.pieces if segmented.pieces is not None else (str(segmented.variables),)
    said = [line.text if line.speaker == "AI" else "\x1e" for line in context.history]
    return digest("\x1f".join([*(piece if isinstance(piece, str) else piece.name for piece in fixed), *said]))
