"""Compiling and rendering a template of any prompt, with errors that name its file and line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core.errors import Location, TemplateError

if TYPE_CHECKING:
    from jinja2 import Template


def read_template(path: Path, remedy: str) -> str:
    """The text of a template's file. `remedy`: what to do if it cannot be read.

    Raises:
        TemplateError: it cannot be read, or is not UTF-8.
    """
    where = Location(str(path))
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise TemplateError(f"the template cannot be read: {error.strerror}.", where=where, remedy=remedy) from error
    except UnicodeDecodeError as error:
        raise TemplateError(
            f"the template is not UTF-8 (byte {error.start}).", where=where, remedy="Save it as UTF-8."
        ) from error


@cache
def compiled(name: str, source: str) -> Template:
    """Compiled once per process; errors name the line. The name becomes the file of the traceback's frames.

    Raises:
        TemplateError: a syntax error.
    """
    from jinja2 import Template, TemplateSyntaxError

    from core.prompts.environment import environment

    try:
        code = environment().compile(source, name=name, filename=name)
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"the template has a syntax error: {str(error.message).rstrip('.')}.",
            where=Location(name, error.lineno),
            remedy="Correct the line; the template is plain jinja2.",
        ) from error
    return Template.from_code(environment(), code, environment().make_globals(None))


def render(name: str, source: str, variables: Mapping[str, object], remedy: str) -> str:
    """Raises TemplateError naming the line, whatever an expression of the template raises."""
    template = compiled(name, source)
    try:
        return template.render(variables)
    except Exception as error:
        where = Location(name, _line_in(error.__traceback__, name))
        raise TemplateError(f"the template cannot be rendered: {error}.", where=where, remedy=remedy) from error


def _line_in(traceback: TracebackType | None, name: str) -> int | None:
    """jinja2 rewrites tracebacks so that the frames of a template carry its own line numbers."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
