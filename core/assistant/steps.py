"""Reads the steps of one flow, at any depth."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.assistant.fields import Fields, location, text_of
from core.assistant.models import Branch, Call, Collect, Link, Next, Noop, RunAction, SetSlots, Step
from core.yaml.findings import Findings
from core.yaml.nodes import plain, shown

MOST_STEPS = 20_000
"""Of one file. Whole public assistants have a few hundred."""

KINDS = ("collect", "action", "link", "call", "set_slots", "noop")
_ANY = ("id", "next", "metadata", "description")
_KNOWN = {
    "collect": (
        *("utter", "ask_before_filling", "reset_after_flow_ends", "force_slot_filling", "rejections"),
        *("silence_timeout", "dtmf"),
    ),
    "call": ("mcp_server", "mapping", "exit_if"),
}


class StepReader:
    """The steps of the flows of one file, numbered in each flow in file order. `agents`: names of sub-agents, which a
    `call` may name.

    `line_breaks`: how many the file has. A step that ends the file ends where the reference says, which without a final
    line break is one line early; libyaml counts one more line than the pure Python parser there.
    """

    def __init__(self, agents: frozenset[str], line_breaks: int, findings: Findings) -> None:
        self.agents = agents
        self.line_breaks = line_breaks
        self.findings = findings
        self.total = 0
        self.index = 0

    def flow(self, node: Node) -> tuple[Step, ...]:
        """The steps of a flow, numbered from 0."""
        self.index = 0
        return self.steps(node)

    def steps(self, node: Node) -> tuple[Step, ...]:
        """The steps of a list; what is no step is left out and a problem."""
        if not isinstance(node, SequenceNode):
            fix = "Start each step on its own line with `- `."
            self.findings.problem(node, "`steps` must be a list, found", fix, shown(node))
            return ()
        read = []
        for item in node.value:
            if self.total >= MOST_STEPS:
                self.report_too_many(item)
                break
            step = self.step(item)
            if step is not None:
                read.append(step)
        return tuple(read)

    def report_too_many(self, node: Node) -> None:
        if self.total == MOST_STEPS:
            self.total += 1  # said once
            what = f"more than {MOST_STEPS:,} steps in one file"
            self.findings.problem(node, what, "Split it, and long flows into flows that call each other.")

    def step(self, node: Node) -> Step | None:
        index = self.index
        self.index += 1
        self.total += 1
        if not isinstance(node, MappingNode):
            fix = f"Start it with one of {', '.join(f'`{kind}:`' for kind in KINDS)}."
            self.findings.problem(node, "a step must be a mapping of keys, found", fix, shown(node))
            return None
        kinds = [kind for kind in KINDS if any(key.value == kind for key, _ in node.value)]
        kind = kinds[0] if kinds else ""
        if len(kinds) > 1:
            fix = "Give each its own item."
            self.findings.problem(node, f"a step cannot be `{kind}` and `{kinds[1]}` at once", fix)
        fields = Fields(node, self.findings, (*_ANY, *kinds, *_KNOWN.get(kind, ())))
        if not kinds and "next" not in fields.values and "id" not in fields.values:
            fix = f"Start it with one of {', '.join(f'`{kind}:`' for kind in KINDS)}."
            self.findings.problem(node, "a step without a kind", fix, next((shown(key) for key, _ in node.value), ""))
            return None
        return self.of_kind(kind, index, fields)

    def of_kind(self, kind: str, index: int, fields: Fields) -> Step | None:
        node = fields.node
        name = fields.required_text(kind, "the step") if kind in ("collect", "action", "link", "call") else None
        if name is None and kind in ("collect", "action", "link", "call"):
            self.next(fields)  # steps inside are read for their own problems
            return None
        name = name.strip() if name else ""
        default = {"collect": f"collect_{name}", "action": name, "link": f"link_to_{name}", "call": f"call_{name}"}
        written = fields.text("id")
        identity = written.strip() if written and written.strip() else f"{index}_{default.get(kind, kind or 'noop')}"
        where = location(node, self.findings)
        last_line = max(min(node.end_mark.line, self.line_breaks), node.start_mark.line + 1)
        following = self.next(fields)
        if kind == "collect":
            return Collect(
                identity,
                where,
                last_line,
                following,
                slot=name,
                description=fields.text("description"),
                utter=fields.text("utter"),
                ask_before_filling=fields.flag("ask_before_filling", False),
                reset_after_flow_ends=fields.flag("reset_after_flow_ends", True),
                force_slot_filling=fields.flag("force_slot_filling", False),
                rejections=fields.rejections("rejections"),
            )
        if kind == "action":
            return RunAction(identity, where, last_line, following, action=name)
        if kind == "link":
            return Link(identity, where, last_line, following, flow=name)
        if kind == "call":
            is_external = name in self.agents or bool(fields.values.keys() & {"mcp_server", "mapping", "exit_if"})
            return Call(identity, where, last_line, following, flow=name, is_external=is_external)
        if kind == "set_slots":
            return SetSlots(identity, where, last_line, following, values=self.slot_values(fields))
        return Noop(identity, where, last_line, following)

    def slot_values(self, fields: Fields) -> tuple[tuple[str, object], ...]:
        """`set_slots` is a list of single-key mappings; one mapping of all is understood too."""
        node = fields.values.get("set_slots")
        if node is None or not isinstance(node, SequenceNode | MappingNode):
            fix = "Write `- slot: value` lines below it."
            self.findings.problem(node or fields.node, "`set_slots` must be a list of slots and values", fix)
            return ()
        pairs: list[tuple[str, object]] = []
        for item in node.value if isinstance(node, SequenceNode) else [node]:
            if not isinstance(item, MappingNode):
                fix = "Write `- slot: value`."
                self.findings.problem(item, "an item of `set_slots` must be a slot and its value, found", fix, shown(item))
                continue
            for key, value in item.value:
                if isinstance(key, ScalarNode):
                    pairs.append((key.value.strip(), plain(value, self.findings)))
                else:
                    self.findings.problem(key, "a slot's name must be text, found", "Write a name.", shown(key))
        return tuple(pairs)

    def next(self, fields: Fields) -> Next | None:
        node = fields.values.get("next")
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            target = text_of(node, "next", self.findings)
            return target.strip() if target else None
        if not isinstance(node, SequenceNode):
            fix = "Write a step's id, `END`, or a list of `- if:` and `- else:`."
            self.findings.problem(node, "`next` must be an id or a list, found", fix, shown(node))
            return None
        if any(_is_branch(item) for item in node.value):
            branches = (self.branch(item) for item in node.value)
            return tuple(branch for branch in branches if branch is not None)
        return (Branch(None, self.steps(node), location(node, self.findings)),)

    def branch(self, node: Node) -> Branch | None:
        if not isinstance(node, MappingNode) or not _is_branch(node):
            fix = "Put it into the `then:` of the branch it belongs to."
            self.findings.problem(node, "a step among branches", fix, shown(node))
            return None
        has_if = any(key.value == "if" for key, _ in node.value)
        fields = Fields(node, self.findings, ("if", "then") if has_if else ("else",))
        then = fields.values.get("then" if has_if else "else")
        if then is None:
            key = "then" if has_if else "else"
            self.findings.problem(node, f"the branch leads nowhere: `{key}` is missing", f"Add `{key}:` with an id or steps.")
        target = self.target(then) if then is not None else ()
        condition = fields.condition("if")
        if has_if and condition is None:
            if "if" not in fields.values:
                self.findings.problem(node, "`if` is empty", "Write a condition, or make the branch `else`.")
            return None
        return Branch(condition, target, location(node, self.findings))

    def target(self, node: Node) -> str | tuple[Step, ...]:
        if isinstance(node, ScalarNode):
            text = text_of(node, "then", self.findings)
            return text.strip() if text else ()
        if isinstance(node, SequenceNode):
            return self.steps(node)
        fix = "Write a step's id, `END`, or a list of steps."
        self.findings.problem(node, "a branch must lead to an id or to steps, found", fix, shown(node))
        return ()


def _is_branch(node: Node) -> bool:
    return isinstance(node, MappingNode) and any(key.value in ("if", "else") for key, _ in node.value)
