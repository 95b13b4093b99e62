"""Fixtures of tests: named slot values, from the test's file and the `conftest.yml` files of the folders above it.

The nearest definition of a name wins; the same name twice in one file is a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.errors import Problem
from core.yaml.findings import Findings
from core.yaml.nodes import fields_of, items_of, plain, shown
from core.yaml.source import load_mapping

MOCKED_DATETIME = "mocked_datetime"
"""The built-in slot that says what time it is (since Rasa 3.15)."""
CONFTEST_NAMES = ("conftest.yml", "conftest.yaml")

Fixtures = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class FixtureFolders:
    """Reads each `conftest.yml` once. `root`: no folder above it is looked into. `problems`: of all files read so far."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    _read: dict[Path, Fixtures] = field(default_factory=dict)

    def visible_from(self, file: Path) -> dict[str, Mapping[str, Any]]:
        """The fixtures that the conftest files give to a test file."""
        fixtures: dict[str, Mapping[str, Any]] = {}
        for folder in reversed(list(self._folders(file.resolve().parent))):
            if folder not in self._read:
                self._read[folder] = self._of_folder(folder)
            fixtures.update(self._read[folder])
        return fixtures

    def _folders(self, folder: Path) -> Iterator[Path]:
        """From the test's folder up to the root; the folder alone if it lies elsewhere."""
        root = self.root.resolve()
        yield folder
        if root in folder.parents:
            yield from (parent for parent in folder.parents if parent == root or root in parent.parents)

    def _of_folder(self, folder: Path) -> Fixtures:
        found: dict[str, Mapping[str, Any]] = {}
        for name in CONFTEST_NAMES:
            path = folder / name
            if path.is_file():
                findings = Findings(str(path))
                root = load_mapping(path.read_bytes(), findings)
                node = fields_of(root, findings).get("fixtures") if root is not None else None
                if node is not None:
                    found.update(_read_fixtures(node, findings))
                self.problems += findings.problems
        return found


def fixtures_of(items: Any) -> dict[str, Mapping[str, Any]]:
    """The fixtures of a test file, whose preamble is plain data already (a list of names with their slots)."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            found.update((str(name), _slots(values)) for name, values in item.items())
    return found


def twice(items: Any) -> list[str]:
    """Names that a list of fixtures defines more than once."""
    names = [str(name) for item in items if isinstance(item, Mapping) for name in item] if isinstance(items, list) else []
    return sorted({name for name in names if names.count(name) > 1})


def why_no_datetime(value: Any) -> str | None:
    """What is wrong with a value of `mocked_datetime`; None if it is a date, or a date and time, in ISO 8601."""
    if not isinstance(value, str):
        return "`mocked_datetime` must be text, found"
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "`mocked_datetime` is no date and time in ISO 8601:"
    return None


def _read_fixtures(node: Node, findings: Findings) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for item in items_of(node, "fixtures", findings):
        if not isinstance(item, MappingNode):
            what = "an item of `fixtures` must be a name and its slots, found"
            findings.problem(item, what, "Write `- name:` and the slots below it.", shown(item))
            continue
        for key, value in item.value:
            if not isinstance(key, ScalarNode):
                continue
            if key.value in found:
                findings.problem(key, "a fixture that is defined twice", "Keep one of the two.", shown(key))
            if not isinstance(value, SequenceNode | MappingNode):
                findings.problem(value, f"the fixture `{key.value}` has no slots", "Write `- slot: value` below it.")
            found[key.value] = _slots(plain(value, findings))
    return found


def _slots(values: Any) -> dict[str, Any]:
    """A fixture is a list of single slots; one mapping of all is understood too."""
    pairs: Iterable[tuple[Any, Any]] = (
        pair
        for item in (values if isinstance(values, list) else [values])
        if isinstance(item, Mapping)
        for pair in item.items()
    )
    return {str(name): value for name, value in pairs}
