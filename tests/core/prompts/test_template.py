"""Loading templates: dialects, errors that name the line, and our own three."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from core.commands import Dialect
from core.errors import TemplateError
from core.prompts.context import Line, PromptContext
from core.prompts.template import detect_dialect, load_template, make_template
from tests.core.prompts.examples import context_of


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "prompt.jinja2"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("StartFlow(flow_name)", Dialect.V1),
        ("Use SetSlot(name, value), not: set slot name value", Dialect.V1),
        ("start flow x\nprovide info\nofftopic reply", Dialect.V2),
        ("* `set slot a b`: ... buttons send /SetSlots(a=b)", Dialect.V2),
        ("start flow x\nsearch and reply", Dialect.V3),
        ("{# StartFlow(x) #}start flow x", Dialect.V2),
        ("Answer politely.", None),
    ],
)
def test_dialect_is_read_off_the_commands(text: str, dialect: Dialect | None) -> None:
    assert detect_dialect(text + "{{ user_message }}") == dialect


def test_template_without_commands_needs_the_dialect_said() -> None:
    with pytest.raises(TemplateError, match="no command list"):
        make_template("{{ user_message }}", name="p.jinja2")
    assert make_template("{{ user_message }}", name="p.jinja2", dialect=Dialect.V3).dialect is Dialect.V3


def test_template_of_another_dialect_than_asked_for_is_refused() -> None:
    with pytest.raises(TemplateError, match="dialect v1, but v2"):
        make_template("StartFlow(x) {{ user_message }}", name="p", dialect=Dialect.V2)
    assert make_template("start flow x {{ user_message }}", name="p", dialect=Dialect.V3).dialect is Dialect.V3


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("start flow\n{% if x %}{% endfor %}\n{{ user_message }}", 2, "syntax error"),
        ("start flow\n{{ user_message | shout }}", 2, "syntax error: No filter named 'shout'"),
        ("start flow\n\n{% include 'x' %}{{ user_message }}", 3, "another file"),
        ("start flow\n{{ user_mesage }}", None, "never prints user_message"),
        ("start flow {% set user_message = 1 %}{{ user_message }}", None, "never prints user_message"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(TemplateError, match=re.escape(what)) as caught:
        load_template(path)
    assert caught.value.where is not None
    assert (caught.value.where.path, caught.value.where.line) == (str(path), line)


def test_missing_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        load_template(tmp_path / "none.jinja2")
    with pytest.raises(TemplateError, match="not UTF-8"):
        load_template(write(tmp_path, b"start flow \xff {{ user_message }}"))


def test_errors_while_rendering_name_the_line() -> None:
    template = make_template("start flow\n{{ user_message }}\n{{ 1 / gone }}", name="my.jinja2")
    with pytest.raises(TemplateError, match="cannot be rendered") as caught:
        template.render(context_of(1))
    assert caught.value.where is not None
    assert (caught.value.where.path, caught.value.where.line) == ("my.jinja2", 3)


def test_templates_cannot_reach_into_python() -> None:
    template = make_template("start flow {{ user_message.__class__.__mro__ }}", name="p")
    with pytest.raises(TemplateError):
        template.render(context_of(1))


def test_rendering_follows_jinja_defaults() -> None:
    source = "start flow\n{% if current_flow %}\n  in {{ current_flow }}\n{% endif %}\n{{ user_message }}\n"
    assert make_template(source, name="p").render(context_of(4)) == "start flow\n\n  in book_berth\n\nnorth"


def test_json_filter_keeps_other_scripts_and_prints_null() -> None:
    source = "start flow {{ user_message | to_json_escaped_string }} {{ current_flow | to_json_escaped_string }}"
    context = PromptContext({"current_flow": None}, (Line("USER", '你"好'),), '你"好')
    assert make_template(source, name="p").render(context) == 'start flow "你\\"好" null'


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    template = load_template(write(tmp_path, "\ufeffstart flow\r\n{{ user_message }}"))
    assert template.render(context_of(1)) == "start flow\nhello there"
    assert template.sha256 == make_template("start flow\n{{ user_message }}", name="p").sha256


def test_moments_are_printed_by_their_methods() -> None:
    template = make_template("start flow {{ current_datetime.strftime('%d.%m.') }} {{ user_message }}", name="p")
    context = PromptContext({"current_datetime": datetime(2026, 5, 4)}, (Line("USER", "x"),), "x")
    assert template.render(context) == "start flow 04.05. x"


def test_default_dialect() -> None:
    assert load_template().name == "default_v2"
