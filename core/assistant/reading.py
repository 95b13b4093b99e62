"""Reads an assistant from its folder: every file to the end, every problem in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.assistant.collecting import Collected
from core.assistant.files import yaml_files
from core.assistant.models import Assistant
from core.errors import AssistantError, Problem
from core.yaml.source import without_garbage_collection


@dataclass(frozen=True, slots=True)
class ReadAssistant:
    """`assistant` holds what could be read; with `problems` it is not complete. `others`: assistants in folders below."""

    assistant: Assistant
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    others: tuple[Path, ...] = ()


def load_assistant(root: Path, *, base: Path | None = None) -> Assistant:
    """The assistant in a folder (see `read_assistant`).

    Raises:
        AssistantError: there is none, or some of it cannot be read; carries every problem.
    """
    read = read_assistant(root, base=base)
    if read.problems:
        count = len(read.problems)
        what = f"the assistant in {root} cannot be used: {count} problem{'s' * (count > 1)}"
        raise AssistantError(what, read.problems, remedy="`workbench assistant check` lists everything at once.")
    return read.assistant


def read_assistant(root: Path, *, base: Path | None = None) -> ReadAssistant:
    """Reads the assistant whose files lie in `root`, a folder (or a single file), in any layout.

    Files are known by their keys: `flows:`, the parts of a domain, `pipeline:`, `action_endpoint:`. A folder that holds
    no assistant but exactly one folder laid out as one stands for that folder. Places name files relative to `base`,
    or else to `root`.

    Raises:
        AssistantError: there is no assistant here, or more than one and none chosen.
    """
    if not root.exists():
        raise AssistantError(f"no such file or folder: {root}", remedy="Name the assistant's folder.")
    files, others = ([root], []) if root.is_file() else yaml_files(root)
    collected = Collected(base or (root.parent if root.is_file() else root))
    with without_garbage_collection():
        for path in files:
            collected.file(path)
        collected.finish()
    if not collected.has_any and len(others) == 1:
        return read_assistant(others[0], base=base or root)
    if not collected.has_any and not collected.problems:
        raise _no_assistant(root, others)
    return ReadAssistant(collected.assistant(root), collected.problems, collected.warnings, tuple(others))


def _no_assistant(root: Path, others: list[Path]) -> AssistantError:
    if not others:
        remedy = "Name the folder with the assistant's flows and domain."
        return AssistantError(f"no assistant in {root}: no file with `flows:` or `slots:`", remedy=remedy)
    names = ", ".join(str(path) for path in others)
    return AssistantError(f"{root} holds {len(others)} assistants: {names}", remedy="Name the folder of one.")
