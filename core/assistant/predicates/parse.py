"""Reads a condition: the pypred subset that the reference documents, case of its words ignored.

    expression = factor { ("and" | "or") factor }
    factor     = "not" factor | operand [ comparison ]
    comparison = ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "is" | "is" "not") operand
               | "contains" operand | "matches" text
    operand    = name | number | text | constant | set | "(" expression ")"

As in pypred, `and` and `or` bind equally and to the right: `a and b or c` is `a and (b or c)`.
"""

from __future__ import annotations

from core.assistant.predicates.tokens import ConditionError, Token, tokens_of
from core.assistant.predicates.tree import (
    Both,
    Collection,
    Compare,
    Constant,
    Contains,
    DynamicName,
    DynamicText,
    Either,
    Empty,
    Matches,
    Name,
    Node,
    Not,
    Number,
    Operator,
    Reference,
    Text,
    Value,
)
from core.assistant.predicates.values import compiled_pattern
from core.assistant.predicates.words import parts_of, value_of_word

_DEEPEST = 50
_WORDS = frozenset({"and", "or", "not", "is", "contains", "matches"})
_COMPARISONS: dict[str, Operator] = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def parse(text: str) -> Node:
    """The tree of a condition.

    Raises:
        ConditionError: with the column inside `text`.
    """
    return _Parser(tokens_of(text)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        if self.now.kind == "end":
            raise ConditionError("an empty condition", "Write one such as `slots.name is not null`, or remove it.")
        node = self.expression()
        if self.now.kind != "end":
            raise self.unexpected("Join conditions with `and` or `or`; put text in quotes.")
        return node

    def expression(self) -> Node:
        self.enter()
        factors = [self.factor()]
        words: list[str] = []
        while (word := self.word()) in ("and", "or"):
            self.at += 1
            words.append(word)
            factors.append(self.factor())
        self.depth -= 1
        return self.folded(factors, words)

    def folded(self, factors: list[Node], words: list[str]) -> Node:
        """`and` and `or` bind to the right; a run of the same word is one node."""
        node = factors.pop()
        depth = self.depth
        while words:
            word = words.pop()
            run = [node, factors.pop()]
            while words and words[-1] == word:
                words.pop()
                run.append(factors.pop())
            run.reverse()
            node = Both(tuple(run)) if word == "and" else Either(tuple(run))
            depth += 1
            if depth > _DEEPEST:
                raise ConditionError(
                    f"`and` and `or` alternate more than {_DEEPEST} times", "Split the condition over several steps."
                )
        return node

    def factor(self) -> Node:
        if self.word() == "not":
            self.enter()
            self.at += 1
            node = Not(self.factor())
            self.depth -= 1
            return node
        left = self.operand()
        word = self.word()
        if word == "contains":
            self.at += 1
            return Contains(left, self.operand())
        if word == "matches":
            self.at += 1
            return Matches(left, self.pattern())
        if word == "is":
            self.at += 1
            if self.word() == "not":
                self.at += 1
                return Compare("!=", left, self.operand())
            return Compare("=", left, self.operand())
        if self.now.kind == "sign" and self.now.value in _COMPARISONS:
            operator = _COMPARISONS[self.now.value]
            self.at += 1
            return Compare(operator, left, self.operand())
        return left

    def operand(self) -> Node:
        token = self.now
        if token.kind == "sign" and token.value == "(":
            self.at += 1
            node = self.expression()
            if self.now.value != ")" or self.now.kind != "sign":
                raise ConditionError("a parenthesis that is never closed", "Close it with `)`.", token.column, "(")
            self.at += 1
            return node
        if token.kind == "sign" and token.value == "{":
            return self.collection()
        return self.value()

    def collection(self) -> Collection:
        opening = self.now
        self.at += 1
        items: list[Name | DynamicName | Text | DynamicText | Number | Constant] = []
        while not (self.now.kind == "sign" and self.now.value == "}"):
            if self.now.kind == "end":
                raise ConditionError("a set that is never closed", "Close it with `}`.", opening.column, "{")
            item = self.value()
            if isinstance(item, Empty | Collection):
                raise ConditionError("a set cannot hold", "List texts, numbers and names.", opening.column, str(item))
            items.append(item)
        self.at += 1
        return Collection(tuple(items))

    def value(self) -> Value:
        token = self.now
        if token.kind == "text":
            self.at += 1
            parts = parts_of(token.value, token.column + 1)
            return DynamicText(parts) if any(isinstance(part, Reference) for part in parts) else Text(token.value, token.column)
        if token.kind != "word" or self.word() in _WORDS:
            raise self.unexpected("A name, number, quoted text or constant must stand here.")
        self.at += 1
        return value_of_word(token)

    def pattern(self) -> Text | DynamicText:
        token = self.now
        node = self.value()
        if isinstance(node, Name):  # pypred takes an unquoted word for the expression itself
            node = Text(token.value, token.column)
        if isinstance(node, Text):
            problem = compiled_pattern(node.value)
            if isinstance(problem, str):
                raise ConditionError(f"not a regular expression ({problem})", "Mend it.", token.column, node.value)
            return node
        if isinstance(node, DynamicText):
            return node
        raise ConditionError("`matches` needs a regular expression", "Write it in quotes.", token.column, token.value)

    def word(self) -> str:
        return self.now.value.lower() if self.now.kind == "word" else ""

    def enter(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ConditionError(f"nested deeper than {_DEEPEST} levels", "Flatten it.", self.now.column)

    def unexpected(self, fix: str) -> ConditionError:
        if self.now.kind == "end":
            return ConditionError("the condition ends too early", fix, self.now.column)
        return ConditionError("unexpected", fix, self.now.column, self.now.value)
