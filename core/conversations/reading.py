"""Reads any file to the end and says what it is, what it holds, and everything that is wrong with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from yaml.nodes import MappingNode, SequenceNode

from core.conversations.annotations import read_conversations
from core.conversations.contexts import read_contexts
from core.conversations.e2e_tests import kind_of_tests, read_tests
from core.conversations.files import bytes_of, unreadable
from core.conversations.labels import read_labels
from core.conversations.models import Content, FileKind, ReadFile
from core.conversations.recognise import (
    HEAD,
    is_binary,
    kind_of_broken,
    kind_of_lines,
    kind_of_root,
    may_be_yaml,
    near_key,
)
from core.conversations.recovery import compose_parts, mapping_of_tests
from core.conversations.training_rows import read_training_rows
from core.yaml.aliases import normalise
from core.yaml.errors import report_nul
from core.yaml.findings import Findings, in_file_order
from core.yaml.source import Documents, compose, decode, single_mapping, without_garbage_collection

_YAML_CONTENT = frozenset(
    {FileKind.E2E_TESTS, FileKind.DU_TESTS, FileKind.ANNOTATIONS, FileKind.REPHRASINGS, FileKind.CONTEXTS}
)


def read_file(path: Path, display_path: str) -> ReadFile:
    """Reads one file. Bad content never raises: it is among the problems, which name the file `display_path`."""
    try:
        data = bytes_of(path)
    except OSError as error:
        return ReadFile(display_path, FileKind.OTHER, "", None, (unreadable(display_path, error),))
    return read_bytes(data, display_path)


def read_bytes(data: bytes, display_path: str) -> ReadFile:
    """Reads the content of a file that is in memory already, as `bytes_of` gives it."""
    findings = Findings(display_path)
    with without_garbage_collection():
        try:
            kind, content = _read(data, findings)
        except RecursionError:
            kind, content = FileKind.OTHER, None
            findings.problem_at(None, None, "the file is nested too deeply", "Flatten it.")
    problems = in_file_order(findings.problems)
    places = {problem.where for problem in problems}  # a misspelled key is no second finding as an unknown one
    warnings = in_file_order(warning for warning in findings.warnings if warning.where not in places)
    return ReadFile(display_path, kind, hashlib.sha256(data).hexdigest(), content, problems, warnings)


def _read(data: bytes, findings: Findings) -> tuple[FileKind, Content]:
    head = data[:HEAD]
    if is_binary(head):
        return _read_binary(head, findings), None
    encoding = Findings(findings.path)
    text = decode(data, encoding)
    if text is None:
        kind = _kind_of_undecodable(data)
        if kind is not FileKind.OTHER:
            findings.adopt(encoding)
        return kind, None
    kind = kind_of_lines(text)
    if kind is FileKind.TRAINING_ROWS:
        return kind, read_training_rows(text, findings)
    if kind is not FileKind.OTHER:
        return kind, read_labels(text, findings)
    near = near_key(text)
    if near is not None:
        what = "nothing of this file is read: its rows have the unknown key"
        findings.warning_at(1, 1, what, f"Did you mean `{near[1]}`?", near[0])
    return _read_yaml(text, findings) if may_be_yaml(text) else (FileKind.OTHER, None)


def _read_binary(head: bytes, findings: Findings) -> FileKind:
    """A binary file is none of ours, unless it is text but for NUL bytes: UTF-16 has one for each letter at most."""
    if head.count(0) * 2 > len(head) + 1:
        return FileKind.OTHER
    kind = _kind_of_undecodable(head.replace(b"\0", b""))
    if kind is not FileKind.OTHER:
        report_nul(head, findings)
    return kind


def _read_yaml(text: str, findings: Findings) -> tuple[FileKind, Content]:
    documents = compose(text, findings.path)
    kinds = [kind_of_root(root) for root in documents.roots] or [kind_of_broken(text)]
    kind = next((kind for kind in kinds if kind in _YAML_CONTENT), kinds[0])
    if kind not in _YAML_CONTENT:
        return kind, None
    if kind is FileKind.CONTEXTS:
        findings.adopt(documents.findings)
        root = None if documents.findings.problems else single_mapping(documents, text, findings)
        return kind, read_contexts(root, findings) if root is not None else None
    root = _tests_of(documents, text, "test_cases" if kind is FileKind.E2E_TESTS else "conversations", findings)
    if root is None:
        return kind, None
    if kind is FileKind.E2E_TESTS:
        tests = read_tests(root, findings)
        return kind_of_tests(tests), tests
    return kind, read_conversations(root, findings)


def _tests_of(documents: Documents, text: str, key: str, findings: Findings) -> MappingNode | None:
    """The mapping of a file of tests under `key`; of a broken file, and of a bare list, what can be read of it."""
    if documents.findings.problems:
        root, has_errors = compose_parts(text, key, findings)
        if not has_errors:
            findings.adopt(documents.findings)
        return root
    first = documents.roots[0]
    if isinstance(first, SequenceNode) and len(documents.roots) == 1 and normalise(first, text, findings):
        findings.problem(first, "a list of tests without a key", f"Write `{key}:` in the line above.")
        return mapping_of_tests(key, first.value, [])
    return single_mapping(documents, text, findings)


def _kind_of_undecodable(data: bytes) -> FileKind:
    """Whether a file that is not UTF-8 would be one of ours if it were."""
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if is_utf16 else "latin-1", "replace")
    text = text.removeprefix("\ufeff")
    kind = kind_of_lines(text)
    return kind if kind is not FileKind.OTHER else kind_of_broken(text)
