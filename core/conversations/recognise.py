"""Tells what a file is by what is in it, never by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from difflib import get_close_matches
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.conversations.models import FileKind
from core.conversations.steps import REPHRASING_KEYS

# The key of an export's manifest. Whoever writes an export writes a mapping under it.
EXPORT_KEY = "workbench_export"

_CONTENT_KEYS = {
    "test_cases": FileKind.E2E_TESTS,
    "conversations": FileKind.ANNOTATIONS,
    "prompt_contexts": FileKind.CONTEXTS,
}
_ASSISTANT_KEYS = (
    *("flows", "slots", "responses", "intents", "entities", "actions", "forms", "nlu", "rules", "stories"),
    *("pipeline", "policies", "recipe", "assistant_id", "session_config", "model_groups", "action_endpoint"),
    *("tracker_store", "event_broker", "lock_store", "nlg"),
)
_OTHER_KEYS = {
    EXPORT_KEY: FileKind.EXPORT,
    "test_results": FileKind.TEST_RESULTS,
    **dict.fromkeys(("num_input_e2e_tests", "num_ft_data_points"), FileKind.RECIPE_SUMMARY),
    **dict.fromkeys(_ASSISTANT_KEYS, FileKind.ASSISTANT),
    **dict.fromkeys(("llm_judge", "llm_as_judge", "llm_e2e_test_conversion", "fixtures"), FileKind.TEST_CONFIG),
}
_ANY_KEY = re.compile("|".join([*_CONTENT_KEYS, *_OTHER_KEYS, "parameters", "prompt_template", "steps"]))
_PARAMETERS = frozenset({"num_rephrases", "rephrase_config", "train_frac", "output_format"})
_FIRST_LINE = re.compile(r"""(?:\s|\#.*\n|---|%.*\n)*(?:\{\s*|-\s+)?["']?(\w+)["']?\s*:""")
_KEY_AT_LINE_START = re.compile(r"""^[\s{]*["']?(test_cases|conversations|prompt_contexts)["']?\s*:""", re.MULTILINE)
_FIRST_KEYS = frozenset({*_CONTENT_KEYS, "fixtures", "metadata", "stub_custom_actions", "version"})
_OPENING_BRACE = re.compile(r"\s*\{")
_JSON_KEY = re.compile(r'"(\w+)"\s*:')
_ROWS_LOOKED_AT = 20
_NAMES_OF_TESTS = {"test_case": FileKind.E2E_TESTS, "original_test_case": FileKind.ANNOTATIONS}
_ROW_SHAPES = (
    ("prompt", "completion"),
    ("prompt", "output"),
    ("test_case", "user_step", "commands"),
    ("test_case", "user_step", "rephrasings"),
)

HEAD = 65_536
"""How much of a file tells whether it is binary, in bytes."""


def is_binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


_KEYS_OF_LINEAGE = frozenset({"part", "number", "user_step", "variant", "commands"})
"""The lineage of an export of ours is no file of labels: its rows come from what was read already."""


def may_be_yaml(text: str) -> bool:
    """Whether any key of a known kind occurs at all; if not, the text need not be parsed."""
    return _ANY_KEY.search(text) is not None


def kind_of_root(root: Node) -> FileKind:
    """The kind of a YAML document (or of a JSON file, which is YAML)."""
    if not isinstance(root, MappingNode):
        return _kind_of_list(root)
    fields: dict[str, Node] = {key.value: value for key, value in root.value if isinstance(key, ScalarNode)}
    if "test_cases" in fields:
        return FileKind.E2E_TESTS
    if "prompt_contexts" in fields:
        return FileKind.CONTEXTS
    if "conversations" in fields and _holds_tests(fields["conversations"], or_nothing=True):
        return FileKind.REPHRASINGS if _has_rephrasings(fields["conversations"]) else FileKind.ANNOTATIONS
    for key, kind in _OTHER_KEYS.items():
        if key in fields:
            return kind
    if _PARAMETERS & _keys_of(fields.get("parameters")) or fields.keys() >= {"prompt_template", "llm"}:
        return FileKind.RECIPE_PARAMS
    # A list of tests under a misspelled key is still a file of tests; its reader says how the key is spelled.
    for key, value in fields.items():
        if key.lower().replace("_", "").startswith("test") and _holds_tests(value, or_nothing=False):
            return FileKind.E2E_TESTS
        if key.lower().startswith("conv") and _holds_tests(value, or_nothing=False):
            return FileKind.ANNOTATIONS
    return next((kind for kind in map(_kind_of_list, fields.values()) if kind is not FileKind.OTHER), FileKind.OTHER)


def _kind_of_list(node: Node) -> FileKind:
    """A list of tests under a key of another name, or under none: its reader says what is missing."""
    for item in node.value[:_ROWS_LOOKED_AT] if isinstance(node, SequenceNode) else ():
        keys = _keys_of(item)
        if "steps" in keys and keys & _NAMES_OF_TESTS.keys():
            return _NAMES_OF_TESTS["test_case" if "test_case" in keys else "original_test_case"]
    return FileKind.OTHER


def kind_of_broken(text: str) -> FileKind:
    """The kind of a text that no parser can read to the end: by its first line and its keys at the start of lines."""
    first = _FIRST_LINE.match(text)
    if first is None:
        return FileKind.OTHER
    if first[1] not in _FIRST_KEYS:
        return _NAMES_OF_TESTS.get(first[1], FileKind.OTHER)
    key = _KEY_AT_LINE_START.search(text)
    return _CONTENT_KEYS[key[1]] if key else FileKind.OTHER


def kind_of_row(keys: Set[str]) -> FileKind:
    """The kind of one row of JSONL."""
    if keys >= _KEYS_OF_LINEAGE:
        return FileKind.OTHER
    if "messages" in keys or ("prompt" in keys and keys & {"completion", "output"}):
        return FileKind.TRAINING_ROWS
    if ("test_case" in keys and keys & {"user_step", "text"}) or {"file", "line", "user_step"} <= keys:
        if "rephrasings" in keys:
            return FileKind.REPHRASING_LABELS
        return FileKind.COMMAND_LABELS if keys & {"commands", "skip", "button"} else FileKind.OTHER
    return FileKind.OTHER


def kind_of_lines(text: str) -> FileKind:
    """The kind of a JSONL text: by the first row that can be read, or else by the keys its first row seems to have."""
    if not _OPENING_BRACE.match(text):
        return FileKind.OTHER
    lines = text.split("\n", 2 * _ROWS_LOOKED_AT)[: 2 * _ROWS_LOOKED_AT]
    rows = [line for line in lines if line.strip()][:_ROWS_LOOKED_AT]
    for row in rows:
        keys = _row_keys(row)
        kind = kind_of_row(keys) if keys else FileKind.OTHER
        if kind is not FileKind.OTHER:
            return kind
    return kind_of_row(set(_JSON_KEY.findall(rows[0]))) if rows else FileKind.OTHER


def near_key(text: str) -> tuple[str, str] | None:
    """For JSONL that is none of ours by one misspelled key: the key, and how it is spelled."""
    keys = _row_keys(text[: text.find("\n") + 1] or text) if _OPENING_BRACE.match(text) else set()
    for shape in _ROW_SHAPES:
        missing = [name for name in shape if name not in keys]
        near = get_close_matches(missing[0], keys, n=1, cutoff=0.8) if len(missing) == 1 else ()
        if near:
            return near[0], missing[0]
    return None


def _row_keys(row: str) -> set[str]:
    try:
        value: Any = json.loads(row)
    except (ValueError, RecursionError):
        return set()
    return set(value) if isinstance(value, dict) else set()


def _keys_of(node: Node | None) -> set[str]:
    if not isinstance(node, MappingNode):
        return set()
    return {key.value for key, _ in node.value if isinstance(key, ScalarNode)}


def _holds_tests(node: Node, *, or_nothing: bool) -> bool:
    """Whether a list looks like one of tests or annotated conversations: some item has steps."""
    if not isinstance(node, SequenceNode):
        return or_nothing
    known = {"steps", "original_test_case"}
    return any(known & _keys_of(item) for item in node.value[:_ROWS_LOOKED_AT]) or (or_nothing and not node.value)


def _has_rephrasings(conversations: Node) -> bool:
    """Whether any step has a list of rephrasings, even an empty one."""
    for conversation in conversations.value if isinstance(conversations, SequenceNode) else ():
        for key, steps in conversation.value if isinstance(conversation, MappingNode) else ():
            if key.value != "steps" or not isinstance(steps, SequenceNode):
                continue
            for step in steps.value:
                if isinstance(step, MappingNode) and len(step.value) > 1 and _keys_of(step) & REPHRASING_KEYS.keys():
                    return True
    return False
