"""`workbench review pack | open | answers | merge`: a round of two people with two laptops, through the real commands."""

from __future__ import annotations

import getpass
import json
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bench.terminal import Terminal, workbench
from core.project import CONFIG_NAME, create_project
from core.user import User
from review.pack.answers import write_hand_in
from review.pack.opening import open_pack
from tests.core.pipeline.small import FILES
from tests.tui.cli.calls import Workbench
from tests.tui.review_app import ReviewApp, settle

ROOT = Path(__file__).parents[3]
CTRL_Q = b"\x11"
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")

TEXTS = ("I need a pair of island tickets", "the island, twice please", "one ticket to the island", "on Friday")


class Laptop:
    """`workbench` as one person calls it, in a folder of their own, with or without a project in it."""

    def __init__(self, folder: Path, person: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._person = person
        self._monkeypatch = monkeypatch
        self._call = Workbench(folder, monkeypatch, capsys)

    def __call__(self, *arguments: str | Path, code: int = 0, folder: Path | None = None) -> str:
        """What is printed, in both streams; `folder`: the project that is worked on."""
        self._monkeypatch.setenv("WORKBENCH_REVIEWER", self._person)
        self._monkeypatch.chdir(self.folder)
        self._call.folder = folder or self.folder
        outcome = self._call(*arguments)
        assert outcome.code == code, (outcome.out, outcome.err)
        assert "Traceback" not in outcome.err
        return outcome.out if "--json" in arguments else outcome.out + outcome.err

    def data(self, *arguments: str | Path, folder: Path | None = None) -> Any:
        return json.loads(self(*arguments, "--json", folder=folder))


Make = Callable[[str], Laptop]


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Make:
    def make(person: str) -> Laptop:
        folder = tmp_path / person
        folder.mkdir()
        return Laptop(folder, person, monkeypatch, capsys)

    return make


def _ingested(laptop: Laptop, *, before: bool = False) -> Laptop:
    """A clone of the small project. `before`: other data came into its database first, so that its rows have other ids."""
    create_project(laptop.folder)
    (laptop.folder / CONFIG_NAME).write_text('[project]\nname = "ferry"\n[team]\nthreshold = 0.0\n')
    for name, text in FILES.items():
        path = laptop.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if before:
        other = laptop.folder / "other.yml"
        other.write_text(FILES_BEFORE, encoding="utf-8")
        laptop("ingest", other)
    laptop("ingest", ".")
    return laptop


FILES_BEFORE = """\
conversations:
- original_test_case: e2e_tests/other.yml::asks for the hours
  steps:
  - user: when do you open
    llm_commands:
    - start flow opening_hours
    passing_rephrasings: [opening hours, are you open]
    failing_rephrasings: []
"""


@pytest.fixture
def home(laptop: Make) -> Laptop:
    return _ingested(laptop("maker"))


def _decide(person: Laptop, pack: Path, decisions: dict[str, str]) -> Path:
    """Open a hand-out, answer it with the commands for scripts, and write the hand-in."""
    assert "No terminal is attached" in person("review", "open", pack)
    (folder,) = pack.parent.glob("round-1-*.workbench")
    items = person.data("review", "next", "-n", "99", folder=folder)
    for item in items:
        if item["rephrasing"] in decisions:
            person("review", "decide", str(item["id"]), "--as", decisions[item["rephrasing"]], folder=folder)
    found = person.data("review", "answers", pack)
    assert (found["answers"], found["left"], found["by"]) == (len(decisions), 4 - len(decisions), person._person)
    return Path(pack.parent, found["file"])


def test_two_people_with_two_laptops_answer_a_round_and_it_comes_home(home: Laptop, laptop: Make) -> None:
    handed_out = home.data("review", "pack")
    assert (handed_out["round"], handed_out["records"], handed_out["overlap"]) == ("round-1", 4, 2)
    said = {
        "ann": dict(zip(TEXTS, ("accept", "accept", "reject", "accept"), strict=True)),
        "bob": dict(zip(TEXTS, ("accept", "reject", "reject", "flag"), strict=True)),
    }
    mailed = []
    for name, decisions in said.items():
        person = laptop(name)
        pack = Path(shutil.copy(home.folder / "round-1.jsonl", person.folder))
        mailed.append(Path(shutil.copy(_decide(person, pack, decisions), home.folder / f"from-{name}.jsonl")))
    assert "there is no round" in laptop_of_nobody(laptop)("review", "merge", *mailed, code=1)
    merged = home.data("review", "merge", *mailed)
    assert [file["answers"] for file in merged["files"]] == [{"ann": 4}, {"bob": 4}]
    (of_round,) = merged["rounds"]
    assert (of_round["added"], of_round["decided"]) == (8, 2)
    assert of_round["outcomes"] == {"accept": 1, "disagree": 2, "reject": 1}
    printed = home("review", "merge", *mailed)
    assert "round-1: 8 known" in printed
    assert "disagree: 2 records to be decided here" in printed
    waiting = home.data("review", "next", "-n", "9", "--filter", "team:disagree")
    assert {item["rephrasing"] for item in waiting} == {"the island, twice please", "on Friday"}


def laptop_of_nobody(laptop: Make) -> Laptop:
    """A project without these tests."""
    person = laptop("nobody")
    create_project(person.folder)
    return person


def test_both_have_a_clone_each_with_its_own_ids_and_both_get_the_round(home: Laptop, laptop: Make) -> None:
    home("review", "pack")
    colleague = _ingested(laptop("colleague"), before=True)
    pack = Path(shutil.copy(home.folder / "round-1.jsonl", colleague.folder))
    theirs = _decide(colleague, pack, dict.fromkeys(TEXTS, "accept"))
    ours = _decide(home, home.folder / "round-1.jsonl", dict.fromkeys(TEXTS, "accept"))
    assert "is a round of this project too now" in colleague("review", "merge", theirs, ours)
    home("review", "merge", theirs, ours)
    for one in (home, colleague):
        states = {item["text"]: item["by"] for item in _team_decisions(one)}
        assert states == dict.fromkeys(TEXTS, "team")
    ids = [{item["id"] for item in _team_decisions(one)} for one in (home, colleague)]
    assert ids[0] != ids[1]


def _team_decisions(person: Laptop) -> list[dict[str, Any]]:
    entries = person.data("review", "log", "-n", "99", "--by", "team")
    return [{"id": entry["rephrasing"], "text": entry["text"], "by": entry["reviewer"]} for entry in entries]


def test_one_wrong_word_in_one_of_the_files_changes_nothing(home: Laptop) -> None:
    home("review", "pack", "--split", "ann, bob")
    for name, word in (("ann", "accept"), ("bob", "acept")):
        path = home.folder / f"round-1-{name}.jsonl"
        path.write_text(path.read_text().replace('"decision": ""', f'"decision": "{word}"'))
    printed = home("review", "merge", "round-1-ann.jsonl", "round-1-bob.jsonl", code=1)
    assert "4 problems; nothing was changed" in printed
    assert "round-1-bob.jsonl:2:" in printed
    assert "Did you mean `accept`?" in printed
    assert home.data("review", "merge", "round-1-ann.jsonl")["rounds"][0]["added"] == 4


def test_nothing_to_hand_out_is_said(home: Laptop) -> None:
    home("review", "pack")
    assert "Nothing is for the team now" in home("review", "pack")
    assert home.data("review", "pack") == {
        "round": None, "new": False, "overlap": None, "records": 0, "outdated": 0, "files": [],
    }  # fmt: skip
    assert "a name of a person is empty" in home("review", "pack", "--split", "ann,,bob", code=2)
    assert "cannot be written" in home("review", "pack", "missing/x", code=2)


def test_a_hand_out_is_answered_as_whom_it_is_for_by_whoever_is_logged_in(
    home: Laptop, laptop: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    home("review", "pack", "--split", "ann,cem")
    monkeypatch.setattr(getpass, "getuser", lambda: "user")
    for name in ("ann", "cem"):
        person = laptop_without_a_name(laptop, name)
        pack = Path(shutil.copy(home.folder / f"round-1-{name}.jsonl", person.folder))
        assert f"those of {name}, whom this hand-out is for" in person("review", "open", pack)
        folder = person.folder / f"round-1-{name}.workbench"
        for item in person.data("review", "next", "-n", "99", folder=folder):
            person("review", "decide", str(item["id"]), "--as", "accept", folder=folder)
        assert person.data("review", "answers", pack)["by"] == name
        shutil.copy(person.folder / f"round-1-{name}.answers.jsonl", home.folder)
    merged = home.data("review", "merge", "round-1-ann.answers.jsonl", "round-1-cem.answers.jsonl")
    assert [(file["answers"], file["for"]) for file in merged["files"]] == [({"ann": 4}, "ann"), ({"cem": 4}, "cem")]
    assert merged["rounds"][0]["outcomes"] == {"accept": 4}


def laptop_without_a_name(laptop: Make, folder: str) -> Laptop:
    """Neither in the environment nor in a configuration."""
    person = laptop(folder)
    person._person = ""
    return person


def test_who_is_set_as_somebody_else_is_told_whose_answers_they_will_be(home: Laptop, laptop: Make) -> None:
    home("review", "pack", "--split", "ann,bob")
    dee = laptop("dee")
    pack = Path(shutil.copy(home.folder / "round-1-ann.jsonl", dee.folder))
    assert "This hand-out is for ann, but you are set as dee: your answers count as those of dee." in dee(
        "review", "open", pack
    )
    folder = dee.folder / "round-1-ann-dee.workbench"
    (first, *_) = dee.data("review", "next", folder=folder)
    dee("review", "decide", str(first["id"]), "--as", "accept", folder=folder)
    dee("review", "answers", pack)
    merged = home("review", "merge", dee.folder / "round-1-ann-dee.answers.jsonl")
    assert "1 by dee  (handed out to ann)" in merged


def test_a_round_of_another_clone_with_a_name_that_is_taken_is_told_once(home: Laptop, laptop: Make) -> None:
    home("review", "pack")
    other = _ingested(laptop("other"))
    other("review", "pack")
    theirs = _decide(other, other.folder / "round-1.jsonl", dict.fromkeys(TEXTS, "accept"))
    told = "it is a round of this project too now, called `round-1 (2)` here, since there is another `round-1`"
    assert " ".join(home("review", "merge", theirs).split()).count(told) == 1
    (again,) = home.data("review", "merge", theirs)["rounds"]
    assert (again["round"], again["name_in_files"], again["adopted"]) == ("round-1 (2)", "round-1", False)


def test_the_file_is_written_again_under_the_name_of_its_round(home: Laptop) -> None:
    first = home("review", "pack", "--blind", "--round", "May", "--limit", "3")
    assert "May.jsonl: 3 records" in first
    assert "(unchanged)" in home("review", "pack", "--round", "May")
    assert "was made with another --blind" in home("review", "pack", "--round", "May", "--not-blind", code=2)


def test_who_has_not_opened_a_pack_has_no_answers_to_it(home: Laptop) -> None:
    home("review", "pack")
    assert "has not opened this hand-out here" in home("review", "answers", "round-1.jsonl", code=1)
    home("review", "open", "round-1.jsonl")
    assert "Nothing was decided" in home("review", "answers", "round-1.jsonl")


async def test_the_keys_of_the_review_screen_answer_a_pack(home: Laptop) -> None:
    home("review", "pack")
    opened = open_pack(home.folder / "round-1.jsonl", "ann")
    async with ReviewApp(opened.project, user=User("ann")).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert len(screen.rows.queue) == 4
        await pilot.press("a", "x", "r", "v", "f", "space")
    found = write_hand_in(opened)
    rows = [json.loads(line) for line in found.path.read_text().splitlines()][1:]
    assert sorted((row["decision"], row["comment"] or "") for row in rows) == [
        ("accept", ""), ("discarded", ""), ("reject", "value changed"), ("unsure", ""),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_app_in_a_terminal_leaves_the_hand_in_and_goes_on_later(home: Laptop) -> None:
    home("review", "pack")
    pack = home.folder / "round-1.jsonl"
    environment = {"WORKBENCH_REVIEWER": "ann", "PYTHONPATH": str(ROOT)}
    for shown, keys, answers in (("0 done / 4 left", b"ax", 2), ("2 done / 2 left", b"f", 3)):
        with Terminal(*workbench("review", "open", str(pack)), environment=environment) as terminal:
            _read_until(terminal, shown)
            for key in keys:
                terminal.press(bytes([key]))
            terminal.send(CTRL_Q)
            assert f"{answers} answers by ann" in _read_to_the_end(terminal)
        rows = home.folder.joinpath("round-1-ann.answers.jsonl").read_text().splitlines()
        assert len(rows) == 1 + answers
    assert home.data("review", "merge", "round-1-ann.answers.jsonl")["rounds"][0]["added"] == 3


def _read_until(terminal: Terminal, shown: str) -> None:
    seen, deadline = b"", time.monotonic() + 60
    while shown not in _CONTROL.sub(b"", seen).decode(errors="replace"):
        assert time.monotonic() < deadline, seen[-3000:]
        seen += terminal.read(0.5)


def _read_to_the_end(terminal: Terminal) -> str:
    said = b""
    with suppress(EOFError):
        while True:
            said += terminal.read(10.0)
    return said.decode(errors="replace")
