"""Turns what the YAML parsers say of a broken file into a problem: the place, the offending text, and the fix."""

from __future__ import annotations

import re

import yaml

from core.yaml.findings import Findings

_BREAK = re.compile("\r\n|[\n\r]")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")

_QUOTE = "Put the text in double quotes."
_INDENT = "Check the indentation here and in the lines above, and close every quote."
# A part of the message of libyaml or of the pure-Python parser → what to say, what to do.
_MESSAGES = (
    ("tab character", "a tab for indentation", "Indent with spaces."),
    ("mapping values are not allowed", "unexpected `:`", f"{_QUOTE[:-1]} if it holds `: `, or mend the indentation."),
    ("expected alphabetic or numeric", "text that starts with `*` or `&`", _QUOTE),
    ("undefined alias", "unknown alias", "Put the text in double quotes, or define the anchor above."),
    ("duplicate anchor", "an anchor defined twice", "Give each anchor its own name."),
    ("cannot start any token", "text that starts with a reserved character", _QUOTE),
    ("unknown escape", "unknown escape in double quotes", "Write `\\\\` for a backslash, or use single quotes."),
    ("could not find expected ':'", "a line without `key: value`", "Add the missing `:`, or indent a continued text."),
    ("',' or ']'", "a list in `[ ]` that is not closed", "Close it with `]`, or quote the text."),
    ("',' or '}'", "a mapping in `{ }` that is not closed", "Close it with `}`, or quote the text."),
    ("comment or line break", "text after `|` or `>`", "Start the text on the next line, or quote it."),
    ("comment or a line break", "text after `|` or `>`", "Start the text on the next line, or quote it."),
    (
        "block sequence entries",
        "a list item where none can stand",
        "Put the text in double quotes, or start a new line.",
    ),
    ("sequence entries are not allowed", "a list item where none can stand", f"{_QUOTE[:-1]}, or start a new line."),
    ("mapping keys are not allowed", "text that starts with `?`", _QUOTE),
    ("incompatible YAML document", "a YAML version this program cannot read", "Use `%YAML 1.2` or leave it out."),
    ("expected key", "unexpected text", _INDENT),
    ("expected '-' indicator", "unexpected text", _INDENT),
    ("expected <block end>", "unexpected text", _INDENT),
)


def report_yaml_error(error: yaml.YAMLError, text: str, findings: Findings) -> None:
    """Adds the problem that `error`, raised while `text` was parsed, stands for."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        _report_marked(error, text, findings)
        return
    unreadable = _UNREADABLE.search(text)
    if unreadable:
        before = _BREAK.split(text[: unreadable.start()])
        character = f"U+{ord(unreadable[0]):04X}"
        what, fix = "a character that YAML does not allow", "Delete it."
        findings.problem_at(len(before), len(before[-1]) + 1, what, fix, character)
        return
    findings.problem_at(None, None, f"this is not YAML ({error})", "Mend the file.")


def _report_marked(error: yaml.MarkedYAMLError, text: str, findings: Findings) -> None:
    message, mark, opened = error.problem or "", error.problem_mark, error.context_mark
    assert mark is not None
    lines = _BREAK.split(text)
    if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        message = message.replace("found character that cannot start any token", "tab character")
    if opened is not None and ("end of stream" in message or mark.line >= len(lines)):
        what, fix = "a quote or bracket never closed", "Close it, or quote the whole text."
    else:
        unknown = (f"invalid YAML ({message})", "Mend this line.")
        what, fix = next(((what, fix) for part, what, fix in _MESSAGES if part in message), unknown)
    # libyaml finds these some characters, or lines, after the place a person has to mend
    at_opening = opened is not None and ("starts with" in what or "closed" in what)
    place = opened if at_opening and opened is not None else mark
    line, column = place.line, place.column
    if not any(rest.strip() for rest in lines[line:]):  # at the end of the file: name its last line instead
        line = max((number for number, other in enumerate(lines) if other.strip()), default=0)
        column = max(len(lines[line].rstrip()) - 1, 0)
    findings.problem_at(line + 1, column + 1, f"{what} in" if lines[line].strip() else what, fix, lines[line])


def report_nul(data: bytes, findings: Findings) -> None:
    """Adds the problem of a text with NUL bytes: one that is UTF-16 and does not say so has one at its first character."""
    start = data.index(0)
    if start < 2:
        findings.problem_at(1, 1, "the file is UTF-16", "Save it as UTF-8.")
        return
    before = data[:start].split(b"\n")
    column = len(before[-1].decode("utf-8", "replace")) + 1
    findings.problem_at(len(before), column, "a character that YAML does not allow", "Delete it.", "U+0000")


def report_encoding(data: bytes, findings: Findings) -> None:
    """Adds the problem of a file that is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.problem_at(1, 1, "the file is UTF-16", "Save it as UTF-8.")
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        byte = f"0x{data[error.start]:02X}"
        findings.problem_at(line, column, "the file is not UTF-8: byte", "Save it as UTF-8.", byte)
