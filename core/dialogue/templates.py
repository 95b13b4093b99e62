"""Jinja texts of an assistant: responses marked so, and names of actions in patterns such as `validate_{{context.collect}}`.

They come with assistants that others wrote and are rendered in the sandbox that prompts are rendered in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jinja2 import Template

LONGEST: Final = 100_000
"""Characters of a rendered text. Longer ones come from loops that were not meant."""

_SIMPLE: Final = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")


class UnrenderableError(ValueError):
    """A template that cannot be read or rendered."""


def render(source: str, variables: Mapping[str, Any]) -> str:
    """The text a template gives.

    Raises:
        UnrenderableError: it has an error, or its text is too long.
    """
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return source
    template = _template(source)
    parts: list[str] = []
    length = 0
    try:
        for part in template.generate(variables):
            length += len(part)
            if length > LONGEST:
                raise UnrenderableError(f"its text is longer than {LONGEST:,} characters")
            parts.append(part)
    except UnrenderableError:
        raise
    except Exception as error:  # a template may fail in any way its expressions can
        raise UnrenderableError(str(error) or type(error).__name__) from error
    return "".join(parts)


def filled(name: str, context: Mapping[str, Any]) -> str:
    """A name with its `{{context.…}}` replaced by texts, nothing where the context has none."""
    return _SIMPLE.sub(lambda found: str(context.get(found[1], "")), name)


@lru_cache(maxsize=2048)
def _template(source: str) -> Template:
    from jinja2 import TemplateSyntaxError

    from core.prompts.environment import environment

    try:
        return environment().from_string(source)
    except TemplateSyntaxError as error:
        raise UnrenderableError(f"{error.message} (line {error.lineno})") from error
    except RecursionError as error:
        raise UnrenderableError("it is nested too deeply") from error
