"""The fast positional YAML layer: files become nodes that know their place, and plain data only where it is wanted.

libyaml composes the nodes; a node's tag is empty unless the file wrote one, because scalars are resolved lazily
(`scalars`) and only those that are not expected to be text. That, and skipping PyYAML's path resolvers, makes
composing three times as fast as loading.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from core.yaml.aliases import normalise
from core.yaml.errors import report_encoding, report_yaml_error
from core.yaml.findings import Findings
from core.yaml.nodes import is_null, shown

_DEEPEST = 100  # libyaml's composer recurses in C and would crash the process


class TooDeepError(yaml.YAMLError):
    """`node`: the deepest collection that may be."""

    def __init__(self, node: Node) -> None:
        super().__init__(f"nested deeper than {_DEEPEST} levels")
        self.node = node


class TooManyError(yaml.YAMLError):
    """The text holds more values than were asked for."""


class _LazyResolver:
    """Takes the place of PyYAML's resolver: leaves tags empty, counts values and how deep the composer is."""

    depth = 0
    count = 0
    most = sys.maxsize

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""

    def descend_resolver(self, node: Node, index: object) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > _DEEPEST:
            raise TooDeepError(node)
        if self.count > self.most:
            raise TooManyError(f"more than {self.most:,} values in one file")

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _PureComposer(_LazyResolver, Reader, Scanner, Parser, Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


def _composer_class() -> Any:
    if not yaml.__with_libyaml__:
        return _PureComposer
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    return type("_FastComposer", (_LazyResolver, CParser), {"__init__": lambda self, text: CParser.__init__(self, text)})


_Composer = _composer_class()


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one text, empty ones left out; `findings` holds what stopped the parser, if anything did."""

    roots: tuple[Node, ...]
    findings: Findings


def decode(data: bytes, findings: Findings) -> str | None:
    """The text of a UTF-8 file without its byte order mark; None, and a problem, for any other encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        report_encoding(data, findings)
        return None


def compose(text: str, path: str, *, most_values: int | None = None) -> Documents:
    """Parses `text`, which never raises: documents before a syntax error are kept.

    `most_values`: a text of more scalars, lists and mappings than this is a problem (each costs about 500 bytes).
    """
    roots: list[Node] = []
    findings = Findings(path)
    stand_ins = _stand_ins(text)
    try:
        composer = _Composer(text.translate(stand_ins) if stand_ins else text)
        composer.most = sys.maxsize if most_values is None else most_values
        while composer.check_node():
            root = composer.get_node()
            if not is_null(root):
                roots.append(root)
    except TooDeepError as error:
        findings.problem(error.node, f"the file is {error}", "Flatten it.")
    except TooManyError as error:
        findings.problem_at(None, None, str(error), "Split it.")
    except RecursionError:
        findings.problem_at(None, None, "the file is nested too deeply", "Flatten it.")
    except yaml.YAMLError as error:
        report_yaml_error(error, text, findings)
    if stand_ins:
        originals = {stand_in: character for character, stand_in in stand_ins.items()}
        restored: set[int] = set()
        for root in roots:
            _restore(root, originals, restored)
    return Documents(tuple(roots), findings)


def _stand_ins(text: str) -> dict[int, int]:
    """Private characters for those that YAML 1.1, and so libyaml, takes for ends of lines, and YAML 1.2 does not."""
    breaks = [ord(character) for character in "\x85\u2028\u2029" if character in text]
    free = (code for code in range(0xE000, 0xF900) if chr(code) not in text)
    return dict(zip(breaks, free, strict=False)) if breaks else {}


def _restore(node: Node, originals: dict[int, int], restored: set[int]) -> None:
    if id(node) in restored:
        return
    restored.add(id(node))
    if isinstance(node, ScalarNode):
        node.value = node.value.translate(originals)
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            _restore(part, originals, restored)


def load_mapping(data: bytes, findings: Findings) -> MappingNode | None:
    """The one mapping a configuration or assistant file consists of; None where it is empty or there are problems."""
    text = decode(data, findings)
    if text is None:
        return None
    documents = compose(text, findings.path)
    findings.adopt(documents.findings)
    return single_mapping(documents, text, findings) if not documents.findings.problems else None


def single_mapping(
    documents: Documents, text: str, findings: Findings, *, most_values: int | None = None
) -> MappingNode | None:
    """The one mapping that the documents consist of. `most_values`: as many as its aliases may expand to."""
    if not documents.roots:
        return None
    for extra in documents.roots[1:]:
        findings.problem(extra, "a second YAML document", "Put it into a file of its own, or join the two.")
    root = documents.roots[0]
    if not isinstance(root, MappingNode):
        findings.problem(root, "the file must be a mapping of keys, found", "Start it with a key.", shown(root))
        return None
    return root if normalise(root, text, findings, most_values) and len(documents.roots) == 1 else None


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Nodes form no cycles, but there are millions: without collections in between, reading takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
