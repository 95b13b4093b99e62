"""What is wrong with a configuration, in words and with its line. Values that may be keys are never shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import Location, ProjectError
from core.toml_lines import line_of, lines_of_keys
from core.yaml.findings import did_you_mean

_KEYS_OF_APIS: Final = frozenset({"api_key", "apikey", "api-key", "key", "token", "secret", "password"})
_WORDS: Final = {
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
}
"""By pydantic's names of errors; its own words suit the others."""


@dataclass(frozen=True, slots=True)
class _Wrong:
    """`key`: with its sections, as `llm.annotator.model`. `hint`: what to write instead, empty if only the user can know."""

    key: str
    what: str
    hint: str
    line: int | None

    def after_the_first(self) -> str:
        return f"{f'line {self.line}: ' if self.line else ''}{self.key}: {self.what}"


def as_project_error(error: ValidationError, path: Path, settings: type[BaseModel]) -> ProjectError:
    """All that is wrong with the file `path`, whose content is checked by `settings`."""
    lines = lines_of_keys(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found = []
    for issue in error.errors():
        place = tuple(str(part) for part in issue["loc"] if part != "[key]" and not isinstance(part, int))
        what, hint = _words(issue, place, settings)
        found.append(_Wrong(".".join(place), what, hint, line_of(lines, place)))
    found.sort(key=lambda one: one.line or 0)
    first, *others = found
    hints = list(dict.fromkeys(one.hint if not others else f"{one.key}: {one.hint}" for one in found if one.hint))
    return ProjectError(
        "; ".join([f"{first.key}: {first.what}", *(one.after_the_first() for one in others)]),
        where=Location(str(path), first.line),
        remedy=" ".join([*hints, f"Mend or remove {'them' if others else 'it'}; nothing was changed."]),
    )


def _words(issue: ErrorDetails, place: Sequence[str], settings: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and the hint."""
    name, kind = place[-1], issue["type"]
    if kind == "extra_forbidden":
        if place[0] == "llm" and name.lower() in _KEYS_OF_APIS:
            hint = (
                "Keys do not belong into this file. Put it into an environment variable, or into .env beside this file, and "
                "write `api_key_env` = the NAME of that variable."
            )
            return "unknown key", hint
        return "unknown key", did_you_mean(name, _known(settings, place[:-1]))
    if kind == "literal_error" and issue["loc"][-1] == "[key]":
        return "unknown key", did_you_mean(name, re.findall(r"'([^']*)'", str(issue.get("ctx", {}).get("expected"))))
    if name == "api_key_env" and kind == "string_pattern_mismatch":
        what = "must be the name of an environment variable, and this looks like the key itself"
        return what, "Write the NAME of the variable that holds the key: letters, digits and `_`."
    message = _WORDS.get(kind, f"{issue['msg'][:1].lower()}{issue['msg'][1:]}")
    if message == "must be a table":
        return f"{message}: [{'.'.join(place)}]", ""
    return f"{message} (got {_shown(issue['input'], place)})", ""


def _shown(value: object, place: Sequence[str]) -> str:
    """A text in a wrong place under [llm] may be a key."""
    return "a text" if place[0] == "llm" and isinstance(value, str) and len(value) > 12 else repr(value)


def _known(settings: type[BaseModel], place: Sequence[str]) -> list[str]:
    """The keys of the section at `place`."""
    model = settings
    for name in place:
        field = next(one for key, one in model.model_fields.items() if (one.alias or key) == name)
        model = _model_in(field.annotation)
    return [one.alias or key for key, one in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel]:
    """Of `Section` and `Section | None`."""
    return next(one for one in (annotation, *get_args(annotation)) if isinstance(one, type) and issubclass(one, BaseModel))
