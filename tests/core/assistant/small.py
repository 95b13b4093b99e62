"""Small assistants written into a temporary folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from core.assistant.check import check_read
from core.assistant.models import Assistant, Flow
from core.assistant.reading import load_assistant, read_assistant
from core.errors import Problem

DOMAIN = """\
    slots:
      name: {type: text}
      size: {type: categorical, values: [small, large]}
      sure: {type: bool}
    responses:
      utter_ask_name: [{text: Who?}]
      utter_ask_size: [{text: How large?}]
      utter_ask_sure: [{text: Sure?}]
      utter_done: [{text: Done.}]
    actions: [action_save]
    """


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def with_steps(steps: str, *, head: str = "description: d") -> str:
    """A file with one flow `f` of these steps."""
    lines = [f"    {line}" for line in dedent(head).strip().splitlines()]
    inner = [f"      {line}" for line in dedent(steps).strip("\n").splitlines()]
    return "\n".join(["flows:", "  f:", *lines, "    steps:", *inner, ""])


def flow_of(folder: Path, text: str) -> Flow:
    """The first flow of a file that has no problems."""
    return next(iter(assistant_of(folder, text).flows.values()))


def assistant_of(folder: Path, text: str) -> Assistant:
    return load_assistant(write(folder, {"all.yml": text}))


def problems_of(folder: Path, text: str) -> list[str]:
    return [str(problem) for problem in read_assistant(write(folder, {"all.yml": text})).problems]


def warnings_of(folder: Path, text: str) -> list[str]:
    return [str(warning) for warning in read_assistant(write(folder, {"all.yml": text})).warnings]


def findings_of(folder: Path, flows: str, domain: str = DOMAIN) -> list[str]:
    """What `check` says of flows beside a domain: `level rule line offending`."""
    read = read_assistant(write(folder, {"flows.yml": flows, "domain.yml": domain}))

    def shown(level: str, rule: str, problem: Problem) -> str:
        return f"{level} {rule} {problem.where.line} {problem.offending}".rstrip()

    return [shown(found.level, found.rule, found.problem) for found in check_read(read)]
