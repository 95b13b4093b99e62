"""Files of a pack, written beside their place and then moved there: nobody ever reads half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import Location, UsageError
from review.pack.models import FORMAT, HOW_TO, MARK, QUESTIONS, GivenAnswer, Header, Kind, PackRecord


def header_line(header: Header) -> str:
    """A hand-out says in itself how it is answered."""
    data: dict[str, Any] = {
        MARK: FORMAT,
        "kind": header.kind.value,
        "project": header.project,
        "round": header.round,
        "key": header.key,
        "dialect": header.dialect,
        "overlap": header.overlap,
        "made_by": header.made_by,
        "made_at": header.made_at,
    }
    if header.handed_to is not None:
        data["for"] = header.handed_to
    if header.kind is Kind.HAND_IN:
        return _line({**data, "annotator": header.annotator})
    return _line(
        {**data, "blind": header.blind, "how_to_answer": HOW_TO, "questions": dict(QUESTIONS), "guidelines": header.guidelines}
    )


def record_line(record: PackRecord) -> str:
    """What is to be read first, then what is to be filled in, then the rest."""
    data: dict[str, Any] = {
        "id": record.external_id,
        "original": record.original,
        "rephrasing": record.rephrasing,
        "expected_commands": None if record.commands is None else list(record.commands),
        "decision": "",
        "text": "",
        "commands": None,
        "comment": "",
        "conversation": [{kind: text} for kind, text in record.turns],
        "file": record.file,
        "line": record.line,
        "test": record.test,
        "occurrence": record.occurrence,
        "step": record.user_step,
    }
    if record.machine is not None:
        machine = record.machine
        data |= {
            "verdict": machine.verdict,
            "reasons": list(machine.reasons),
            "predicted_commands": None if machine.predicted is None else list(machine.predicted),
            "ambiguity": machine.ambiguity,
            "doubts": list(machine.doubts),
        }
    return _line(data)


def answer_line(answer: GivenAnswer) -> str:
    decision = answer.decision.value if answer.decision is not None else answer.status.value
    return _line(
        {
            "id": answer.external_id,
            "annotator": answer.annotator,
            "decision": decision,
            "text": answer.text,
            "commands": None if answer.commands is None else list(answer.commands),
            "comment": answer.comment,
            "answered_at": answer.answered_at,
        }
    )


class Prepared:
    """Files written beside their places; `place` moves all there, `drop` forgets those that were not."""

    def __init__(self, contents: Mapping[Path, Sequence[str]]) -> None:
        """Raises UsageError where a file cannot be written; none is left behind then."""
        self._beside: dict[Path, Path] = {}
        try:
            for path, lines in contents.items():
                beside = path.with_name(f".{path.name[:60]}.{os.getpid()}.{len(self._beside)}.part")
                self._beside[path] = beside
                _write(beside, lines)
        except OSError as error:
            self.drop()
            raise cannot_write(path, error) from error

    def place(self) -> None:
        """Raises UsageError where a name is taken by what cannot be replaced: a folder."""
        try:
            for path, beside in list(self._beside.items()):
                os.replace(beside, path)
                del self._beside[path]
        except OSError as error:
            raise cannot_write(path, error) from error
        finally:
            self.drop()

    def drop(self) -> None:
        for beside in self._beside.values():
            with suppress(OSError):
                beside.unlink()
        self._beside.clear()


def write_file(path: Path, lines: Iterable[str]) -> None:
    """Raises UsageError where it cannot be written; what stood there stands there still."""
    Prepared({path: list(lines)}).place()


def _write(beside: Path, lines: Sequence[str]) -> None:
    """A name that is taken, were it by a link to elsewhere, is refused and not followed."""
    with suppress(FileNotFoundError):
        beside.unlink()
    with open(beside, "x", encoding="utf-8", errors="replace", newline="\n") as file:  # a model may write half a character
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def cannot_write(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot be written: {error.strerror}",
        where=Location(str(path)),
        remedy="Name a folder that is there and that you may write to.",
    )


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)
