"""The one jinja2 environment templates are parsed and rendered with. Importing this module imports jinja2."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment


def to_json_escaped_string(value: Any) -> str:
    """The filter that Rasa's newer templates use: JSON, non-ASCII characters as they are, None as null."""
    return json.dumps(value, ensure_ascii=False)


@cache
def environment() -> SandboxedEnvironment:
    """jinja2's defaults, as Rasa has them: no trim_blocks, no lstrip_blocks, one trailing newline dropped.

    Sandboxed, because templates arrive with assistants that others wrote; what it renders is the same.
    """
    sandbox = SandboxedEnvironment()
    sandbox.filters["to_json_escaped_string"] = to_json_escaped_string
    return sandbox


@cache
def parse(source: str) -> nodes.Template:
    """The syntax tree; callers only read it."""
    return environment().parse(source)
