from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.core.assistant.small import DOMAIN, with_steps, write
from tui.cli.main import app

STEPS = """
    - collect: name
      rejections:
      - if: slots.name is "x"
        utter: utter_done
    - id: size
      collect: size
      ask_before_filling: true
      next:
      - if: slots.size is "small"
        then:
        - set_slots: [{name: null}]
          next: END
      - else: done
    - id: done
      action: utter_done
    """


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "assistant", {"flows.yml": with_steps(STEPS), "domain.yml": DOMAIN})


def workbench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_check_of_an_assistant_without_faults_prints_nothing_on_stdout(folder: Path) -> None:
    result = workbench("assistant", "check", folder)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 errors, 0 warnings in 1 flows, 3 slots, 4 responses" in result.stderr


def test_check_prints_every_finding_and_fails_on_errors(folder: Path) -> None:
    write(folder, {"more.yml": "flows:\n  g:\n    steps:\n    - collect: nobody\n    - action: do_it\n"})
    result = workbench("assistant", "check", folder)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "warning: more.yml:2:3: a flow without `description` `g`. "
        "Say in a sentence what it does for the user: the command generator chooses by it. [no-description]",
        "error: more.yml:4:7: unknown slot `nobody`. Add it to the domain's `slots:`. [unknown-slot]",
        "warning: more.yml:5:7: an action that the domain does not declare `do_it`. Add it to the domain's `actions:`. "
        "[undeclared-action]",
    ]


def test_warnings_alone_do_not_fail(folder: Path) -> None:
    write(folder, {"more.yml": "flows:\n  g:\n    steps: []\n"})
    result = workbench("assistant", "check", folder)
    assert result.exit_code == 0
    assert "0 errors, 1 warnings" in result.stderr


def test_check_as_json(folder: Path) -> None:
    write(folder, {"more.yml": "flows:\n  g:\n    description: d\n    steps:\n    - collect: nobody\n"})
    result = workbench("assistant", "check", folder, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {key: found[key] for key in ("flows", "slots", "responses", "errors", "warnings")} == {
        "flows": 2,
        "slots": 3,
        "responses": 4,
        "errors": 1,
        "warnings": 0,
    }
    assert found["findings"] == [
        {
            "level": "error",
            "rule": "unknown-slot",
            "file": "more.yml",
            "line": 5,
            "column": 7,
            "what": "unknown slot",
            "offending": "nobody",
            "fix": "Add it to the domain's `slots:`.",
        }
    ]


def test_without_a_path_the_project_or_else_the_folder_is_checked(folder: Path) -> None:
    assert "0 errors" in workbench("-C", folder, "assistant", "check").stderr
    write(folder, {"workbench.toml": "", "deep/er/.keep": ""})
    assert "0 errors, 0 warnings in 1 flows" in workbench("-C", folder / "deep" / "er", "assistant", "check").stderr


def test_places_are_named_as_the_shell_can_open_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"more.yml": "flows:\n  g:\n    steps: []\n"})
    monkeypatch.chdir(folder.parent)
    assert "assistant/more.yml:2:3: " in workbench("assistant", "check", "assistant").stdout


def test_a_list_of_the_flows(folder: Path) -> None:
    assert workbench("assistant", "show", "--path", folder).stdout.splitlines() == [
        "flow  name  steps  asks for    place",
        "f     f         4  name, size  flows.yml:2:3",
    ]


def test_one_flow_as_an_outline(folder: Path) -> None:
    assert workbench("assistant", "show", "f", "--path", folder).stdout.splitlines() == [
        "f  (f)  flows.yml:2:3",
        "  d",
        "     5  collect name  (text, 1 rejections)",
        "     9  collect size  (id size, categorical, asked anew)",
        '        if slots.size is "small":',
        "          15  set_slots name = null → END",
        "        else → done",
        "    18  action utter_done  (id done)",
    ]


def test_one_flow_as_json(folder: Path) -> None:
    flow = json.loads(workbench("assistant", "show", "f", "--path", folder, "--json").stdout)
    assert (flow["id"], flow["file"], flow["line"]) == ("f", "flows.yml", 2)
    name, size, done = flow["steps"]
    assert name["rejections"] == [{"if": 'slots.name is "x"', "utter": "utter_done"}]
    assert (size["kind"], size["name"], size["line"], size["last_line"]) == ("collect", "size", 9, 17)
    assert size["next"][0]["if"] == 'slots.size is "small"'
    assert size["next"][0]["then"][0]["values"] == {"name": None}
    assert size["next"][1] == {"if": None, "then": "done"}
    assert done["next"] is None
    assert [one["id"] for one in json.loads(workbench("assistant", "show", "--path", folder, "--json").stdout)] == ["f"]


def test_a_flow_that_does_not_exist_is_wrong_usage(folder: Path) -> None:
    command = [sys.executable, "-c", "from tui.cli.main import run; run()", "assistant", "show", "ff", "--path", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no flow `ff`" in done.stderr
    assert "Did you mean `f`?" in done.stderr


def test_a_folder_without_an_assistant_is_an_error(tmp_path: Path) -> None:
    result = workbench("assistant", "check", tmp_path)
    assert result.exit_code == 1
    assert "no assistant in" in str(result.exception)


def test_control_characters_of_the_files_do_not_reach_the_terminal(folder: Path) -> None:
    write(folder, {"more.yml": 'flows:\n  g:\n    description: "a\\e[31mb"\n    steps: [{action: "x\\e[2J"}]\n'})
    assert "\x1b" not in workbench("assistant", "check", folder).stdout
    assert "\x1b" not in workbench("assistant", "show", "g", "--path", folder).stdout


def test_checking_imports_neither_the_app_nor_jinja_nor_the_database(folder: Path) -> None:
    code = (
        "import sys\nfrom tui.cli.main import app\n"
        f"app(['assistant', 'check', {str(folder)!r}], standalone_mode=False)\n"
        "print([name for name in ('textual', 'jinja2', 'sqlite_utils', 'openai') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
