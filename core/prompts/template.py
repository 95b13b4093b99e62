"""A prompt template: which dialect of commands it teaches, and what it renders for a context."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from core.commands import Dialect
from core.errors import Location, TemplateError
from core.prompts.context import PromptContext
from core.prompts.rendering import compiled, read_template, render

DEFAULT_DIALECT = Dialect.V2
_DEFAULTS = Path(__file__).with_name("templates")
_V1_CALL = re.compile(r"\b(?:StartFlow|SetSlot|CancelFlow)\(")
_PHRASES = re.compile(r"\b(?:start flow|set slot|cancel flow|disambiguate flows)\b")
_SEARCH = re.compile(r"\bsearch and reply\b")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """`name` is the path it was read from (as the user wrote it) or `default_v1` and so on."""

    name: str
    source: str
    dialect: Dialect
    sha256: str

    def render(self, context: PromptContext) -> str:
        return self.render_variables(context.template_variables())

    def render_variables(self, variables: dict[str, object]) -> str:
        """Renders with every variable given, `current_conversation` and `user_message` included."""
        return render(self.name, self.source, variables, "Compare its variables with Rasa's.")


def load_template(path: Path | str | None = None, dialect: Dialect | None = None) -> PromptTemplate:
    """The user's template, or without a path this project's own for the dialect.

    The dialect of a user's template is read off its commands; `dialect` is needed only where it names none.
    """
    if path is None:
        wanted = dialect or DEFAULT_DIALECT
        name = f"default_{wanted.value}"
        return make_template((_DEFAULTS / f"{name}.jinja2").read_text("utf-8"), name=name, dialect=wanted)
    source = read_template(Path(path), "Check the path in workbench.toml.")
    return make_template(source, name=str(path), dialect=dialect)


def make_template(source: str, *, name: str, dialect: Dialect | None = None) -> PromptTemplate:
    """Checks a template's text: it compiles, it stands alone, it prints `user_message`, its dialect is known."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    compiled(name, source)
    _require_alone(name, source)
    found = detect_dialect(source)
    if found is None and dialect is None:
        raise TemplateError(
            "no command list was found in the template.",
            where=Location(name),
            remedy="Say which dialect its commands are in: v1, v2 or v3.",
        )
    if found and dialect and (found is Dialect.V1) != (dialect is Dialect.V1):
        raise TemplateError(
            f"the template lists commands of dialect {found.value}, but {dialect.value} was asked for.",
            where=Location(name),
            remedy="Change the dialect or the template.",
        )
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return PromptTemplate(name, source, dialect or found or DEFAULT_DIALECT, digest)


def detect_dialect(source: str) -> Dialect | None:
    """Which commands the template's text names: V1 writes calls, V2 and V3 phrases, and V3 a search of its own."""
    from jinja2 import nodes

    from core.prompts.environment import parse

    text = "".join(data.data for data in parse(source).find_all(nodes.TemplateData))
    if _V1_CALL.search(text):
        return Dialect.V1
    if not _PHRASES.search(text):
        return None
    return Dialect.V3 if _SEARCH.search(text) else Dialect.V2


def _require_alone(name: str, source: str) -> None:
    from jinja2 import nodes
    from jinja2.meta import find_undeclared_variables

    from core.prompts.environment import parse

    tree = parse(source)
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        raise TemplateError(
            "the template uses another file.",
            where=Location(name, node.lineno),
            remedy="Rasa reads one file: put the text into it.",
        )
    if "user_message" not in find_undeclared_variables(tree):
        raise TemplateError(
            "the template never prints user_message.",
            where=Location(name),
            remedy="Add {{ user_message }} where the model shall read the user's message.",
        )
