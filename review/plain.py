"""Review records as plain data (for `--json`) and as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from review.models import LogEntry, Recorded, ReviewItem, TeamAnswer

_OF_AN_ANSWER: Final = ("round", "status", "answered_at", "corrected_text", "commands", "commands_read")


def item_as_data(item: ReviewItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "step": item.step_id,
        "conversation": item.conversation_id,
        "file": item.file,
        "test": item.test,
        "occurrence": item.occurrence,
        "line": item.line,
        "user_step": item.user_step,
        "original": item.original,
        "rephrasing": item.shown_text,
        "ingested": None if item.by_hand else item.text,
        "edited": item.edited_text is not None,
        "by_hand": item.by_hand,
        "commands": list(item.commands),
        "corrected": item.corrected,
        "not_understood": list(item.unparsed),
        "predicted": None if item.predicted is None else list(item.predicted),
        "verdict": item.verdict,
        "verdict_stale": item.verdict_stale,
        "reasons": list(item.reasons),
        "state": item.state.label,
        "reason": item.reason,
        "decided_by": item.decided_by,
        "decided_at": item.decided_at,
        "siblings": [
            {"id": one.id, "text": one.text, "state": one.state.label, "verdict": one.verdict} for one in item.siblings
        ],
        "ambiguity": None if item.ambiguity is None else asdict(item.ambiguity),
        "team": None if item.team is None else asdict(item.team),
    }


def item_as_lines(item: ReviewItem) -> list[str]:
    place = f"{item.file}:{item.line}" if item.line else item.file
    lines = [
        f"#{item.id}  {item.state.label}  {place}  {item.test}, user step {item.user_step}",
        f"  original    {item.original}",
        f"  rephrasing  {item.shown_text}",
        f"  commands    {'; '.join(item.commands) or '–'}",
    ]
    if item.verdict is not None:
        stale = " (stale)" if item.verdict_stale else ""
        lines.append(f"  verdict     {item.verdict}{stale}" + "".join(f"; {reason}" for reason in item.reasons))
    if item.ambiguity is not None:
        reasons = "".join(f"; {reason}" for reason in item.ambiguity.reasons)
        lines.append(f"  ambiguity   {item.ambiguity.score:.2f}{reasons}")
    if item.team is not None:
        lines.append(
            f"  team        {item.team.outcome}, {item.team.round}" + (f": {item.team.detail}" if item.team.detail else "")
        )
        lines += [f"    {answer_in_words(answer)}" for answer in item.team.answers]
    return lines


def answer_in_words(answer: TeamAnswer) -> str:
    """`ann: accept, as “renew it”, commands: cancel flow – so it is shorter`."""
    words = f"{answer.annotator}: {answer.decision if answer.decision is not None else answer.status}"
    if answer.text is not None:
        words += f", as “{answer.text}”"
    if answer.commands is not None:
        words += f", commands: {commands_in_words(answer.commands, are_read=answer.commands_read)}"
    return words + (f" – {answer.comment}" if answer.comment else "")


def commands_in_words(lines: Sequence[str], *, are_read: bool) -> str:
    return ("; ".join(lines) or "none") + ("" if are_read else " (cannot be read)")


def entry_in_words(entry: LogEntry) -> tuple[str, str]:
    """What was done, and on which words, with what an annotator would have instead."""
    what = entry.kind + (f" ×{entry.count}" if entry.count > 1 else "") + ("" if entry.in_force else " (undone)")
    answer = entry.answer
    if answer is None:
        return what, entry.text
    what = f"{entry.kind}, answered {answer.answered_at[:16].replace('T', ' ')}" + (
        "" if entry.in_force else " (changed since)"
    )
    text = entry.text + (f" → {answer.corrected_text}" if answer.corrected_text is not None else "")
    if answer.commands is not None:
        text += f"; commands: {commands_in_words(answer.commands, are_read=answer.commands_read)}"
    return what, text


def entry_as_data(entry: LogEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "group": entry.group_id,
        "at": entry.at,
        "reviewer": entry.reviewer,
        "surface": entry.surface,
        "kind": entry.kind,
        "rephrasing": entry.rephrasing_id,
        "step": entry.step_id,
        "text": entry.text,
        "reason": entry.reason,
        "in_force": entry.in_force,
        "count": entry.count,
        **{name: None if entry.answer is None else getattr(entry.answer, name) for name in _OF_AN_ANSWER},
    }


def recorded_as_data(recorded: Recorded) -> dict[str, Any]:
    return {
        "group": recorded.group_id,
        "at": recorded.at,
        "what": recorded.what,
        "states": {str(id_): state.label for id_, state in recorded.states.items()},
        "step": recorded.step_id,
        "rephrasing": recorded.rephrasing_id,
    }
