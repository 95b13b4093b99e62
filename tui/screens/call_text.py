"""A question to a model and its answer: first to be read, then as both went over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from textual.content import Content

from core.store.llm_calls import FoundCall
from tui.stage_words import count, money, seconds
from tui.styles import BAD, GOOD, HEADING, KEY, MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.transcript_text import Block

MOST_CHARACTERS = 100_000
"""Of one text; an answer may have 20 MB, and wrapping it would hold up the app for a minute."""
_NOTHING = Content()


def call_blocks(call: FoundCall) -> Iterator[Block]:
    row = call.row
    yield _heading(f"Call {row.key[:12]}")
    yield _line(f"{one_line(row.model)} as {row.role} at {one_line(row.base_url) or 'the default endpoint'}", MUTED)
    when = row.at[:19].replace("T", " ")
    cost = f", {money(row.cost, row.currency or '')}" if row.cost is not None else ""
    yield _line(f"{when} UTC, {seconds(row.seconds)}, {count(row.attempts, 'attempt')}, sample {row.sample}{cost}", MUTED)
    about = "" if row.exact_tokens else " (estimated)"
    yield _line(f"{row.prompt_tokens:,} tokens in, {row.completion_tokens:,} out{about}", MUTED)
    if row.failure is not None:
        yield from _failure(row.failure)
    yield _NONE
    yield _heading("Answer")
    if row.answer is None:
        yield _line("There is none.", MUTED)
    else:
        cut_off = "  cut off: the model had no tokens left" if row.finish_reason == "length" else ""
        yield from _text(row.answer or "(empty)")
        yield _line(f"finish reason: {one_line(row.finish_reason or 'none')}{cut_off}", MUTED)
    yield from _question(call.request)
    yield _NONE
    yield _heading("Answer as it came")
    if call.response is None:
        yield _line("Nothing came back.", MUTED)
    else:
        yield from _raw(call.response)
    yield _NONE
    yield _heading("Question as it was sent")
    yield from _raw(call.request)


def no_call_blocks(key: str) -> Iterator[Block]:
    yield _line(f"No call {key} is stored in this project any more.", MUTED)


def _failure(text: str) -> Iterator[Block]:
    try:
        found = json.loads(text)
    except ValueError:
        found = {"what": text}
    status = f" (HTTP {found['status']})" if found.get("status") else ""
    kind = f"{found['kind']}: " if found.get("kind") else ""
    yield Block(Content.styled("✗ ", BAD), Content.styled(printable(f"{kind}{found.get('what', '')}{status}"), BAD))
    if found.get("remedy"):
        yield Block(Content("  "), Content(printable(found["remedy"])))


def _question(request: Any) -> Iterator[Block]:
    """Messages and prompts as text, with their line breaks."""
    if not isinstance(request, dict):
        return
    for message in request.get("messages") or ():
        if isinstance(message, dict):
            yield _NONE
            yield Block(_NOTHING, Content.assemble(("Question", HEADING), (f"  {one_line(str(message.get('role', '')))}", KEY)))
            content = message.get("content")
            yield from _text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
    if isinstance(request.get("prompt"), str):
        yield _NONE
        yield _heading("Question")
        yield from _text(request["prompt"])


def _raw(data: Any) -> Iterator[Block]:
    yield from _text(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=2), MUTED)


def _text(text: str, style: str = "") -> Iterator[Block]:
    for line in printable(text[:MOST_CHARACTERS]).split("\n"):
        body = line.lstrip(" ")
        yield Block(Content(" " * min(40, len(line) - len(body))), Content.styled(body, style))
    if len(text) > MOST_CHARACTERS:
        yield _line(f"… {len(text) - MOST_CHARACTERS:,} characters more: `workbench llm show KEY`", GOOD)


_NONE = Block(_NOTHING, _NOTHING)


def _heading(text: str) -> Block:
    return Block(_NOTHING, Content.styled(text, HEADING))


def _line(text: str, style: str = "") -> Block:
    return Block(_NOTHING, Content.styled(printable(text), style))
