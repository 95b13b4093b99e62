"""Files made to do harm end in a clear error, in bounded time and memory. Each is checked in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.core.assistant.small import with_steps

SECONDS = 2.0
"""Of processor time, so that a busy machine does not fail the test."""
MEGABYTES = 300

_PROBE = """
import json, resource, sys, time
from pathlib import Path
from core.assistant.check import check_read
from core.assistant.reading import read_assistant
from core.errors import AssistantError

start = time.process_time()
try:
    found = [str(one.problem) for one in check_read(read_assistant(Path(sys.argv[1]))) if one.level == "error"]
except AssistantError as error:
    found = [str(error)]
seconds = time.process_time() - start
status = Path("/proc/self/status")  # `ru_maxrss` of Linux counts what the parent had
if status.exists():
    kilobytes = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"errors": found, "seconds": seconds, "megabytes": kilobytes / 1024}))
"""


def _nested_branches(depth: int) -> str:
    lines, indent = ["flows:", "  f:", "    steps:"], 4
    for _ in range(depth):
        pad = " " * indent
        lines += [f"{pad}- action: a", f"{pad}  next:", f"{pad}  - if: x", f"{pad}    then:"]
        indent += 4
    return "\n".join([*lines, f"{' ' * indent}- action: a", ""])


def _doubling(kind: str, item: str) -> str:
    """Eight levels of ten aliases each: a hundred million items."""
    rows = [f"k0: &k0 [{item}]"] + [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join([*rows, f"{kind}: *k8", ""])


STEPS = "    - action: utter_a\n"
FILES = {
    "brackets nested 100,000 deep": "flows: " + "[" * 100_000,
    "mappings nested 100,000 deep": "flows: " + "{a: " * 100_000,
    "lists nested 100,000 deep": "flows:\n" + "- " * 100_000,
    "branches nested 200 deep": _nested_branches(200),
    "a bomb of aliases": _doubling("flows", "x"),
    "a bomb of aliases as steps": _doubling("flows", "{action: a}"),
    "a list of steps in 2,000 flows": "steps: &s\n"
    + "- action: a\n" * 4_000
    + "flows:\n"
    + "".join(f"  f{n}: {{steps: *s}}\n" for n in range(2_000)),
    "an alias that contains itself": "flows: &a\n  f: *a\n",
    "a merge key that contains itself": "flows: &a\n  <<: *a\n",
    "ten megabytes of plain text": "responses:\n  utter_a:\n  - text: " + "x" * 10_000_000,
    "ten megabytes of quoted text": 'responses:\n  utter_a:\n  - text: "' + "x" * 10_000_000 + '"\n',
    "ten megabytes as a key": "flows:\n  ? " + "x" * 10_000_000 + "\n  : {}\n",
    "ten megabytes of a condition": with_steps("- action: a", head=f"if: {'(' * 10_000_000}"),
    "a text of 900,000 characters": "responses:\n  utter_a:\n  - text: " + "x" * 900_000,
    "a key of 900,000 characters": "flows:\n  f:\n    ? " + "x" * 900_000 + "\n    : 1\n",
    "a million values": "flows: [" + "a," * 490_000 + "]\n",
    "100,000 steps": "flows:\n  f:\n    description: d\n    steps:\n" + STEPS * 100_000,
    "40,000 steps": "flows:\n  f:\n    description: d\n    steps:\n" + STEPS * 40_000,
    "20,000 steps that name nothing": "flows:\n  f:\n    steps:\n" + "    - collect: nobody_knows\n" * 20_000,
    "20,000 steps that lead nowhere": "flows:\n  f:\n    steps:\n" + "    - {action: a, next: there}\n" * 20_000,
    "a chain of 15,000 flows": "flows:\n" + "".join(f" f{n}: {{steps: [{{link: f{n + 1}}}]}}\n" for n in range(15_000)),
    "60,000 unknown keys": "flows:\n f:\n" + "".join(f"  k{n}: 1\n" for n in range(60_000)),
    "60,000 slots of wrong types": "slots:\n" + "".join(f" s{n}: 1\n" for n in range(60_000)),
    "a condition nested 4,000 deep": with_steps("- action: a", head=f"if: {'(' * 4_000}x{')' * 4_000}"),
    "a condition of 2,400 negations": with_steps("- action: a", head=f"if: {'not ' * 2_400}x"),
    "a condition of alternating words": with_steps("- action: a", head=f"if: {'a and b or ' * 800}x"),
    "a condition of open references": with_steps("- action: a", head=f"if: \"'{'{{' * 100}{' ' * 9_000}'\""),
    "a regular expression of open groups": with_steps("- action: a", head=f"if: \"x matches '{'(' * 900}'\""),
    "2,000 conditions of 400 characters": with_steps(
        "".join(f"- {{action: a, next: [{{if: 'x{n}{' or slots.y' * 40}', then: END}}]}}\n" for n in range(2_000))
    ),
    "a template of open blocks": "responses:\n  utter_a:\n  - metadata: {template: jinja}\n    text: '"
    + "{% if a %}" * 9_000
    + "'\n",
    "900,000 characters of templates": "responses:\n"
    + "".join(f"  utter_{n}: [{{metadata: {{template: jinja}}, text: '{'{{a}}' * 9_000}'}}]\n" for n in range(20)),
    "a template that reaches for the interpreter": "responses:\n  utter_a:\n  - metadata: {template: jinja}\n"
    "    text: '{{ ().__class__.__base__.__subclasses__() ' \n",
    "a payload of blanks": "responses:\n  utter_a:\n  - text: a\n    buttons:\n    - {title: t, payload: '/SetSlots("
    + " " * 90_000
    + "=()'}\n    - {title: t, payload: /SetSlots(nothing=1)}\n",
    "conditions with comments within comments": with_steps("- action: a", head=f"if: |\n  {'# ' * 4_000}\n  &"),
    "control characters": "flows:\n  f: {steps: [\x00\x07]}\n",
    "a Python object": "flows: !!python/object/apply:os.system ['true']\n",
}

ERRORS = {
    "brackets nested 100,000 deep": "nested deeper than 100 levels",
    "mappings nested 100,000 deep": "nested deeper than 100 levels",
    "lists nested 100,000 deep": "nested deeper than 100 levels",
    "branches nested 200 deep": "nested deeper than 100 levels",
    "a bomb of aliases": "the aliases of this file expand to",
    "a bomb of aliases as steps": "the aliases of this file expand to",
    "a list of steps in 2,000 flows": "the aliases of this file expand to",
    "an alias that contains itself": "an alias that contains itself",
    "a merge key that contains itself": "an alias that contains itself",
    "ten megabytes of plain text": "the file has more than 1,000,000 characters",
    "ten megabytes of quoted text": "the file has more than 1,000,000 characters",
    "ten megabytes as a key": "the file has more than 1,000,000 characters",
    "ten megabytes of a condition": "the file has more than 1,000,000 characters",
    "a text of 900,000 characters": "`text` has 900,000 characters",
    "a key of 900,000 characters": "a flow without `steps` `f`",
    "a million values": "more than 200,000 values in one file",
    "100,000 steps": "the file has more than 1,000,000 characters",
    "40,000 steps": "more than 20,000 steps in one file",
    "20,000 steps that name nothing": "unknown slot `nobody_knows`",
    "20,000 steps that lead nowhere": "lacks `there`",
    "a chain of 15,000 flows": "flow that does not exist `f15000`",
    "60,000 unknown keys": "a flow without `steps` `f`",
    "60,000 slots of wrong types": "and 59,000 more like these",
    "a condition nested 4,000 deep": "nested deeper than 50 levels",
    "a condition of 2,400 negations": "nested deeper than 50 levels",
    "a condition of alternating words": "alternate more than 50 times",
    "a condition of open references": "an expression that conditions do not allow",
    "a regular expression of open groups": "not a regular expression",
    "2,000 conditions of 400 characters": "unknown slot `y`",
    "a template of open blocks": "cannot be read (maximum recursion",
    "900,000 characters of templates": "templates of more than 200,000 characters together",
    "a template that reaches for the interpreter": "the template of `utter_a` cannot be read",
    "a payload of blanks": "unknown slot `nothing`",
    "conditions with comments within comments": "an unexpected character `&`",
    "control characters": "a character that YAML does not allow",
    "a Python object": "unknown tag",
}


def probe(folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _PROBE, str(folder)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_an_error_within_two_seconds_and_300_megabytes(tmp_path: Path, name: str) -> None:
    (tmp_path / "all.yml").write_text(FILES[name], encoding="utf-8")
    found = probe(tmp_path)
    assert any(ERRORS[name] in error for error in found["errors"])
    assert all(len(error) < 1_000 for error in found["errors"])
    assert found["seconds"] < SECONDS
    assert found["megabytes"] < MEGABYTES


def test_an_assistant_of_100_flows_is_read_and_checked_in_half_a_second(tmp_path: Path) -> None:
    flow = "  f{n}:\n    description: d\n    steps:\n" + "".join(
        f"    - collect: s{k}\n      next:\n      - if: slots.s{k} = 'x'\n        then: [{{action: action_a, next: END}}]\n"
        f"      - else: [{{action: action_b}}]\n"
        for k in range(8)
    )
    slots = "".join(f"  s{k}: {{type: text}}\n" for k in range(8))
    questions = "".join(f"  utter_ask_s{k}: [{{text: 'What?'}}]\n" for k in range(8))
    domain = f"slots:\n{slots}responses:\n{questions}actions: [action_a, action_b]\n"
    (tmp_path / "domain.yml").write_text(domain, encoding="utf-8")
    flows = "".join(flow.replace("{n}", str(n)) for n in range(100))
    (tmp_path / "flows.yml").write_text(f"flows:\n{flows}", encoding="utf-8")
    found = probe(tmp_path)
    assert found["errors"] == []
    assert found["seconds"] < 0.5
