"""The flows of an assistant as one map: which step leads to which, across calls and links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from core.assistant.conditions import Condition
from core.assistant.models import Assistant, Collect
from core.coverage.steps import user_flows
from core.dialogue.program import Kind, Node, Program


class FlowMap:
    """Compiled once for an assistant; read-only."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.programs: Mapping[str, Program] = {flow.id: Program(flow) for flow in user_flows(assistant)}
        for program in self.programs.values():
            program.connect(self.programs, assistant.slots, includes_others=True)

    def node(self, flow: str, step: str) -> Node | None:
        program = self.programs.get(flow)
        return next((node for node in program.nodes if node.step.id == step), None) if program else None

    def after(self, node: Node) -> Iterator[Node]:
        """The steps that can come directly after this one: into a called or linked flow, or on in its own."""
        if node.kind in (Kind.CALL, Kind.LINK) and (into := self.programs.get(node.name)) is not None and into.first:
            yield into.first
        if node.kind is Kind.LINK:
            return
        targets = [target for _, target in node.branches] if node.branches is not None else []
        yield from (target for target in (*targets, node.following) if target is not None)

    @cached_property
    def _before(self) -> Mapping[Node, list[Node]]:
        before: dict[Node, list[Node]] = defaultdict(list)
        for program in self.programs.values():
            for node in program.nodes:
                for target in self.after(node):
                    before[target].append(node)
        return before

    def leading_to(self, target: Node) -> frozenset[Node]:
        """The steps from which there may be a way to `target`, itself included; conditions are not looked at."""
        found = {target}
        waiting = [target]
        while waiting:
            for node in self._before.get(waiting.pop(), ()):
                if node not in found:
                    found.add(node)
                    waiting.append(node)
        return frozenset(found)

    def called_from(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """These steps, and all steps of the flows they call: what such a flow does may decide how it goes on."""
        found = set(nodes)
        waiting = [node for node in found if node.kind is Kind.CALL]
        entered: set[str] = set()
        while waiting:
            name = waiting.pop().name
            if name in entered or name not in self.programs:
                continue
            entered.add(name)
            inside = self.programs[name].nodes
            found.update(inside)
            waiting += [node for node in inside if node.kind is Kind.CALL]
        return frozenset(found)


def conditions_at(node: Node) -> list[Condition]:
    """Those that decide how it goes on from here: of its branches and, where it collects, of its rejections."""
    branches = node.step.next if isinstance(node.step.next, tuple) else ()
    found = [branch.condition for branch in branches if branch.condition is not None]
    return found + [rejection.condition for rejection in node.step.rejections] if isinstance(node.step, Collect) else found
