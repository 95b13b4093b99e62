"""The one jinja2 environment templates are parsed and rendered with. Importing this module imports jinja2."""

from __future__ import annotations

import json
from collections.abc import Sized
from functools import cache
from typing import Any, Final

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

LARGEST_PRODUCT: Final = 1_000_000
"""Characters or items that a product in a template may have, and bits of a power."""


def to_json_escaped_string(value: Any) -> str:
    """The filter that Rasa's newer templates use: JSON, non-ASCII characters as they are, None as null."""
    return json.dumps(value, ensure_ascii=False)


class _BoundedSandbox(SandboxedEnvironment):
    """A sandbox in which one short expression cannot fill the memory."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            for sized, times in ((left, right), (right, left)):
                if isinstance(sized, Sized) and isinstance(times, int) and len(sized) * times > LARGEST_PRODUCT:
                    raise SecurityError(f"a product of more than {LARGEST_PRODUCT:,} characters or items")
        elif isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > LARGEST_PRODUCT:
            raise SecurityError(f"a power of more than {LARGEST_PRODUCT:,} bits")
        return super().call_binop(context, operator, left, right)


@cache
def environment() -> SandboxedEnvironment:
    """jinja2's defaults, as Rasa has them: no trim_blocks, no lstrip_blocks, one trailing newline dropped.

    Sandboxed, because templates arrive with assistants that others wrote; what it renders is the same.
    """
    sandbox = _BoundedSandbox()
    sandbox.filters["to_json_escaped_string"] = to_json_escaped_string
    return sandbox


@cache
def parse(source: str) -> nodes.Template:
    """The syntax tree; callers only read it."""
    return environment().parse(source)
