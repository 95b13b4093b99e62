"""Which files under a folder belong to its assistant, told by what is in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_KEYS = (
    *("flows", "slots", "responses", "actions", "intents", "forms", "e2e_actions", "session_config"),
    *("pipeline", "action_endpoint", "agent"),
)
LARGEST = 1_000_000
"""Characters of one YAML file of an assistant. The largest public one has 60,000; this much takes half a second to read."""

MOST_VALUES = 200_000
"""Scalars, lists and mappings of one YAML file, aliases written out. The largest public one has 3,000."""

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "__pypackages__", "models"})
_TESTS = frozenset({"tests", "e2e_tests", "dialogue_understanding_tests"})
_OWN_ROOT = ("config.yml", "config.yaml")
_OWN_DOMAIN = ("domain.yml", "domain.yaml", "domain")
_OWN_DATA = "data"
_SUFFIXES = (".yml", ".yaml")
_ANY = "|".join(_KEYS)
_KEY = re.compile(rf"""^(?:\{{[ \t]*)?["']?(?:{_ANY})["']?[ \t]*:""", re.MULTILINE)
_KEY_IN_BRACES = re.compile(rf"""[\s{{,]["']?(?:{_ANY})["']?\s*:""")
_TEST_KEY = re.compile(r"""^["']?(?:test_cases|conversations|test_results|stub_custom_actions)["']?[ \t]*:""", re.MULTILINE)


def holds_assistant(text: str) -> bool:
    """Whether a file may hold a part of an assistant, by its keys: tests and other files need not be parsed."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _KEY_IN_BRACES.search(text) is not None
    return _KEY.search(text) is not None and _TEST_KEY.search(text) is None


def is_root(folder: str | Path) -> bool:
    """Whether a folder is laid out as an assistant: two of a configuration, a domain and data beside each other."""
    has_config = any(os.path.isfile(os.path.join(folder, name)) for name in _OWN_ROOT)
    has_domain = any(os.path.exists(os.path.join(folder, name)) for name in _OWN_DOMAIN)
    return has_config + has_domain + os.path.isdir(os.path.join(folder, _OWN_DATA)) >= 2


def yaml_files(root: Path) -> tuple[list[Path], list[Path]]:
    """The YAML files below `root`, sorted, and the folders in it that are assistants of their own and were not entered.

    Not entered either: hidden folders, virtual environments, installed packages, models, and folders of tests. Links to
    folders are followed once.
    """
    files: list[Path] = []
    others: list[Path] = []
    for folder, folders, names in _walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(folder, name))
        for name in list(folders):
            if is_root(os.path.join(folder, name)):
                folders.remove(name)
                others.append(Path(folder, name))
        files += (Path(folder, name) for name in sorted(names) if name.endswith(_SUFFIXES) and not name.startswith("."))
    return sorted(files, key=lambda path: path.as_posix()), others


def _walk(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    visited: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(root, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in visited:  # a link back up
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        yield folder, folders, names


def _is_skipped(folder: str, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED | _TESTS or os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
