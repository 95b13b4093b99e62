"""A *face*: what one file says of one conversation, stored whole so that it can be merged again and written back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.conversations.merge import Label
from core.conversations.models import Rephrasing, Turn, TurnKind, Verdict

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def turns_to_json(turns: Iterable[Turn], extra: dict[str, Any] | None = None) -> str:
    """Turns without their lines, which move while nothing changes, and the case's own keys."""
    packed = []
    for turn in turns:
        item: list[Any] = [turn.kind.value, turn.text]
        if turn.commands is not None or turn.rephrasings or turn.extra:
            item.append(turn.commands)
            item.append([_pack(rephrasing) for rephrasing in turn.rephrasings])
            item.append(turn.extra)
        packed.append(item)
    return _encode({"turns": packed, "extra": extra or {}})


def turns_from_json(body: str, lines: Iterable[int]) -> tuple[list[Turn], dict[str, Any]]:
    data = json.loads(body)
    turns = []
    for item, line in zip(data["turns"], lines, strict=True):
        kind, text = TurnKind(item[0]), item[1]
        if len(item) == 2:
            turns.append(Turn(kind, text, line, 1))
        else:
            commands = None if item[2] is None else tuple(item[2])
            turns.append(Turn(kind, text, line, 1, commands, tuple(map(_unpack, item[3])), item[4]))
    return turns, data["extra"]


def labels_to_json(labels: Iterable[Label]) -> str:
    return _encode([[one.user_step, one.text, one.commands, [_pack(r) for r in one.rephrasings], one.skip] for one in labels])


def labels_from_json(body: str) -> list[Label]:
    return [
        Label(step, text, None if commands is None else tuple(commands), tuple(map(_unpack, rephrasings)), skip)
        for step, text, commands, rephrasings, skip in json.loads(body)
    ]


def _pack(rephrasing: Rephrasing) -> list[Any]:
    verdict = rephrasing.verdict.value if rephrasing.verdict else None
    if not rephrasing.reasons and rephrasing.commands is None:
        return [rephrasing.text, verdict]
    return [rephrasing.text, verdict, rephrasing.reasons, rephrasing.commands]


def _unpack(item: list[Any]) -> Rephrasing:
    verdict = Verdict(item[1]) if item[1] else None
    if len(item) == 2:
        return Rephrasing(item[0], verdict)
    return Rephrasing(item[0], verdict, tuple(item[2]), None if item[3] is None else tuple(item[3]))
