"""Translates a template's syntax tree into matching instructions."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import nodes

from core.prompts.environment import parse
from core.prompts.inversion_program import (
    Accept,
    Branch,
    Capture,
    Codec,
    Counter,
    Enter,
    Instruction,
    Jump,
    Literal,
    Path,
    Question,
    Repeat,
    UnsupportedError,
    expected_shape,
    set_stops,
)

_CODECS = {"to_json_escaped_string": Codec.JSON, "tojson": Codec.LOOSE_JSON}


@cache
def compile_program(source: str) -> tuple[Instruction, ...]:
    """Raises `UnsupportedError` if the template does something this cannot undo."""
    compiler = _Compiler()
    compiler.statements(parse(source).body)
    compiler.emit(Accept())
    set_stops(compiler.code)
    return tuple(compiler.code)


class _Compiler:
    def __init__(self) -> None:
        self.code: list[Instruction] = []
        self.scopes: list[str] = []  # names of the loop variables, outermost first
        self.last_label = 0
        self.nesting = 0  # conditions and loops around this place

    def emit(self, instruction: Instruction) -> int:
        self.code.append(instruction)
        return len(self.code) - 1

    def label(self) -> int:
        """The place of the next instruction, which something jumps to."""
        self.last_label = len(self.code)
        return self.last_label

    def statements(self, body: list[nodes.Node]) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    for printed in node.nodes:
                        self.output(printed)
                case nodes.If():
                    self.choose([(each.test, each.body) for each in (node, *node.elif_)], node.else_)
                case nodes.For():
                    self.loop(node)
                case _:
                    raise UnsupportedError(node.lineno, f"{type(node).__name__.lower()}")

    def output(self, node: nodes.Expr) -> None:
        match node:
            case nodes.TemplateData(data=text):
                self.literal(text, node.lineno)
            case nodes.Const(value=value):
                self.literal(str(value), node.lineno)
            case nodes.Filter(name=name, node=nodes.Expr() as inner, args=[], kwargs=[]) if name in _CODECS:
                self.capture(self.path(inner), _CODECS[name], node.lineno)
            case nodes.CondExpr(test=test, expr1=yes, expr2=no):
                self.choose([(test, [nodes.Output([yes])])], [nodes.Output([no])] if no is not None else [])
            case nodes.Getattr(node=nodes.Name(name="loop"), attr="index" | "index0" as attribute) if self.scopes:
                self.emit(Counter(len(self.scopes) - 1, 1 if attribute == "index" else 0))
            case _:
                self.capture(self.path(node), Codec.PLAIN, node.lineno)

    def literal(self, text: str, line: int) -> None:
        previous = self.code[-1] if len(self.code) > self.last_label else None
        if isinstance(previous, Literal):
            previous.text += text
        elif text:
            self.emit(Literal(text, line, always=self.nesting == 0))

    def capture(self, path: Path, codec: Codec, line: int) -> None:
        shape, single_line = expected_shape(path.attributes[-1] if path.attributes else "item")
        self.emit(Capture(path, codec, line, shape, single_line))

    def path(self, node: nodes.Node) -> Path:
        match node:
            case nodes.Name(name=name):
                for depth in range(len(self.scopes) - 1, -1, -1):
                    if self.scopes[depth] == name:
                        return Path(depth, ())
                if name == "loop" and self.scopes:
                    raise UnsupportedError(node.lineno, "this use of loop")
                return Path(-1, (name,))
            case nodes.Getattr(node=inner, attr=attribute):
                return self.extend(inner, attribute)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as attribute)):
                return self.extend(inner, attribute)
            case nodes.Call(node=nodes.Getattr(node=inner, attr=method), args=arguments, kwargs=[]):
                return self.extend(inner, (method, tuple(_constant(argument) for argument in arguments)))
            case _:
                raise UnsupportedError(node.lineno, f"the expression {type(node).__name__}")

    def extend(self, inner: nodes.Node, attribute: Any) -> Path:
        base = self.path(inner)
        if base.attributes and isinstance(base.attributes[-1], tuple):
            raise UnsupportedError(inner.lineno, "an attribute of a call's answer")
        return Path(base.loop, (*base.attributes, attribute))

    def choose(self, branches: list[tuple[nodes.Node, list[nodes.Node]]], otherwise: list[nodes.Node]) -> None:
        self.nesting += 1
        leave: list[Jump] = []
        for test, body in branches:
            on_true, on_false = self.condition(test)
            _aim(on_true, self.label())
            self.statements(body)
            leave.append(Jump())
            self.emit(leave[-1])
            _aim(on_false, self.label())
        self.statements(otherwise)
        self.nesting -= 1
        after = self.label()
        for jump in leave:
            jump.target = after

    def condition(self, test: nodes.Node) -> tuple[list[tuple[Branch, bool]], list[tuple[Branch, bool]]]:
        """Emits the branches of a test; returns the exits that still need a target, for true and for false."""
        match test:
            case nodes.Not(node=inner):
                on_true, on_false = self.condition(inner)
                return on_false, on_true
            case nodes.And(left=left, right=right):
                left_true, left_false = self.condition(left)
                _aim(left_true, self.label())
                right_true, right_false = self.condition(right)
                return right_true, left_false + right_false
            case nodes.Or(left=left, right=right):
                left_true, left_false = self.condition(left)
                _aim(left_false, self.label())
                right_true, right_false = self.condition(right)
                return left_true + right_true, right_false
        question, path, constant, negated = self.question(test)
        branch = Branch(question, path, constant)
        self.emit(branch)
        yes, no = [(branch, True)], [(branch, False)]
        return (no, yes) if negated else (yes, no)

    def question(self, test: nodes.Node) -> tuple[Question, Path, Any, bool]:
        match test:
            case nodes.Getattr(node=nodes.Name(name="loop"), attr="last" | "first" as which) if self.scopes:
                question = Question.LAST if which == "last" else Question.FIRST
                return question, Path(len(self.scopes) - 1, ()), None, False
            case nodes.Test(node=inner, name="none"):
                return Question.NONE, self.path(inner), None, False
            case nodes.Test(node=inner, name="defined" | "undefined" as name):
                return Question.DEFINED, self.path(inner), None, name == "undefined"
            case nodes.Filter(name="length" | "count", node=nodes.Expr() as inner, args=[], kwargs=[]):
                return Question.FILLED, self.path(inner), None, False
            case nodes.Compare(expr=nodes.Filter(name="length" | "count", node=nodes.Expr() as inner), ops=[operand]):
                comparison = (operand.op, _constant(operand.expr))
                if comparison in {("gt", 0), ("ne", 0), ("gteq", 1)}:
                    return Question.FILLED, self.path(inner), None, False
                if comparison in {("eq", 0), ("lt", 1), ("lteq", 0)}:
                    return Question.FILLED, self.path(inner), None, True
            case nodes.Compare(expr=inner, ops=[nodes.Operand(op="eq" | "ne" as op, expr=nodes.Const(value=constant))]):
                question = Question.NONE if constant is None else Question.EQUAL
                return question, self.path(inner), constant, op == "ne"
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                return Question.TRUE, self.path(test), None, False
        raise UnsupportedError(test.lineno, "this condition")

    def loop(self, node: nodes.For) -> None:
        if node.test is not None or node.recursive or not isinstance(node.target, nodes.Name):
            raise UnsupportedError(node.lineno, "a filtered, recursive or unpacking loop")
        self.nesting += 1
        enter = Enter(len(self.scopes), self.path(node.iter))
        self.emit(enter)
        self.scopes.append(node.target.name)
        body = self.label()
        self.statements(node.body)
        self.scopes.pop()
        self.emit(Repeat(enter.depth, body))
        leave = Jump()
        if node.else_:
            self.emit(leave)
        enter.empty = self.label()
        self.statements(node.else_)
        self.nesting -= 1
        leave.target = self.label()


def _aim(exits: list[tuple[Branch, bool]], target: int) -> None:
    for branch, outcome in exits:
        if outcome:
            branch.on_true = target
        else:
            branch.on_false = target


def _constant(node: nodes.Node) -> Any:
    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        return -node.node.value
    raise UnsupportedError(node.lineno, "an argument that is not a constant")
