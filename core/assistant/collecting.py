"""Puts together what the files of one assistant say, and reports what two of them say differently."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

from yaml.nodes import MappingNode, Node

from core.assistant.config import read_action_endpoint, read_generator
from core.assistant.domain import read_names, read_session, read_slots
from core.assistant.fields import Fields, location, mapping_of
from core.assistant.files import LARGEST, MOST_VALUES, holds_assistant
from core.assistant.flows import read_flows
from core.assistant.models import Assistant, CommandGenerator, Flow, Response, Slot
from core.assistant.responses import read_responses
from core.errors import Location, Problem
from core.project import printable
from core.yaml.findings import Findings, in_file_order
from core.yaml.nodes import fields_of, is_null, warn_unknown
from core.yaml.source import compose, decode, single_mapping

_CONTENT_KEYS = ("flows", "slots", "responses", "actions", "intents", "forms", "e2e_actions", "session_config")
_OTHER_KEYS = ("version", "entities", "config", "nlu", "rules", "stories", "imports", "metadata", "lookup_tables")

_LARGEST_BYTES = 4 * LARGEST
_MOST_REPORTED = 1_000
_Part = TypeVar("_Part", Flow, Slot, Response)


class Collected:
    """`base`: the folder that file names are given relative to. Files first, `finish`, then the rest."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.read: list[Findings] = []
        self.flows: dict[str, Flow] = {}
        self.slots: dict[str, Slot] = {}
        self.responses: dict[str, Response] = {}
        self.actions: set[str] = set()
        self.intents: set[str] = set()
        self.agents: set[str] = set()
        self.session: dict[str, Any] = {}
        self.generator: CommandGenerator | None = None
        self.generator_place: Location | None = None
        self.language: str | None = None
        self.action_endpoint: str | None = None
        self._flow_nodes: list[tuple[Node, int, Findings]] = []

    @property
    def has_any(self) -> bool:
        return bool(self.flows or self.slots or self.responses or self.actions or self.generator)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for findings in self.read for problem in _first(findings.problems, findings.path))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(warning for findings in self.read for warning in _first(findings.warnings, findings.path))

    def file(self, path: Path) -> None:
        """Reads one file; whatever is wrong with it is among the problems."""
        findings = Findings(printable(Path(os.path.relpath(path, self.base)).as_posix()))
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST_BYTES + 1)
        except OSError as error:
            findings.problem_at(None, None, f"cannot be read ({error.strerror})", "Check that you may read it.")
            self.read.append(findings)
            return
        text = decode(data, findings) if len(data) <= _LARGEST_BYTES else data.decode("utf-8", "replace")
        if text is None:
            if holds_assistant(data.decode("latin-1").replace("\0", "")):
                self.read.append(findings)
        elif holds_assistant(text):
            self.read.append(findings)
            self._text(text, findings)

    def finish(self) -> None:
        """Reads the flows, once all names of sub-agents are known."""
        for node, line_breaks, findings in self._flow_nodes:
            for flow in read_flows(node, frozenset(self.agents), line_breaks, findings):
                self._keep(self.flows, flow.id, flow, "flow", findings)
        self._flow_nodes.clear()

    def assistant(self, root: Path) -> Assistant:
        return Assistant(
            str(root),
            self.flows,
            self.slots,
            self.responses,
            frozenset(self.actions),
            generator=self.generator or CommandGenerator(),
            language=self.language or "en",
            action_endpoint=self.action_endpoint,
            session=self.session,
            intents=frozenset(self.intents),
        )

    def _text(self, text: str, findings: Findings) -> None:
        if len(text) > LARGEST:
            what = f"the file has more than {LARGEST:,} characters"
            findings.problem_at(None, None, what, "Split it.")
            return
        documents = compose(text, findings.path, most_values=MOST_VALUES)
        findings.adopt(documents.findings)
        root = None if documents.findings.problems else single_mapping(documents, text, findings, most_values=MOST_VALUES)
        if root is None:
            return
        fields = {name: node for name, node in fields_of(root, findings).items() if not is_null(node)}
        if fields.keys() & set(_CONTENT_KEYS) and not fields.keys() & {"pipeline", "action_endpoint"}:
            warn_unknown(root, (*_CONTENT_KEYS, *_OTHER_KEYS), findings)
        self._domain(fields, findings)
        self._config(root, fields, findings)
        if "flows" in fields:
            self._flow_nodes.append((fields["flows"], text.count("\n"), findings))

    def _domain(self, fields: dict[str, Node], findings: Findings) -> None:
        if "slots" in fields:
            for slot in read_slots(fields["slots"], findings):
                self._keep(self.slots, slot.name, slot, "slot", findings)
        if "responses" in fields:
            for response in read_responses(fields["responses"], findings):
                self._keep(self.responses, response.name, response, "response", findings)
        for key, names in (("actions", self.actions), ("intents", self.intents)):
            if key in fields:
                names |= read_names(fields[key], key, findings)
        if isinstance(forms := fields.get("forms"), MappingNode):
            self.actions |= {key.value for key, _ in forms.value if isinstance(key.value, str)}
        if "session_config" in fields:
            self.session |= read_session(fields["session_config"], findings)

    def _config(self, root: MappingNode, fields: dict[str, Node], findings: Findings) -> None:
        if "pipeline" in fields:
            where = location(fields["pipeline"], findings)
            generator = read_generator(fields["pipeline"], findings)
            if generator is not None and self.generator is not None:
                fix = "Keep one configuration here, or name the assistant's folder."
                findings.warning(
                    fields["pipeline"], f"a second command generator; the one of {self.generator_place} is used", fix
                )
            elif generator is not None:
                self.generator, self.generator_place = generator, where
            self.language = self.language or Fields(root, Findings(findings.path)).text("language")
        if "action_endpoint" in fields:
            self.action_endpoint = self.action_endpoint or read_action_endpoint(fields["action_endpoint"], findings)
        if "agent" in fields and "flows" not in fields:
            agent = mapping_of(fields["agent"], "`agent`", findings)
            if agent is not None and (name := agent.text("name")):
                self.agents.add(name)

    def _keep(self, kept: dict[str, _Part], name: str, part: _Part, kind: str, findings: Findings) -> None:
        """The first of a name counts. Two flows are a problem; the reference merges domains, so the rest is a warning."""
        first = kept.setdefault(name, part)
        if first is part:
            return
        report = findings.problem_at if kind == "flow" else findings.warning_at
        what = f"the {kind} is defined twice; {first.where} counts"
        report(part.where.line, part.where.column, what, "Remove one of the two.", name)


def _first(problems: list[Problem], path: str) -> tuple[Problem, ...]:
    """A file's problems in file order; of one that is wrong all over, as many as anybody reads."""
    if len(problems) <= _MOST_REPORTED:
        return in_file_order(problems)
    more = Problem(Location(path), f"and {len(problems) - _MOST_REPORTED:,} more like these", "Mend the first ones first.")
    return (*in_file_order(problems)[:_MOST_REPORTED], more)
