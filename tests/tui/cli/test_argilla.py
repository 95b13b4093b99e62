"""`workbench argilla`, without a server and with a real one."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.argilla_server import ANN, BOB, LocalArgilla
from tests.review.argilla.handed import KEY_VARIABLE, Handed, make_project
from tests.tui.cli.calls import Workbench


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workbench:
    """A project with twelve uncertain rephrasings, whose server does not run."""
    monkeypatch.setenv(KEY_VARIABLE, "owner.apikey")
    return Workbench(make_project(tmp_path, conversations=3).root, monkeypatch, capsys)


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argilla: LocalArgilla) -> Iterator[Handed]:
    monkeypatch.setenv(KEY_VARIABLE, argilla.api_key)
    argilla.start()
    handed = Handed(argilla, make_project(tmp_path, conversations=3, url=argilla.url))
    yield handed
    handed.close()


@pytest.fixture
def online(handed: Handed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workbench:
    return Workbench(handed.project.root, monkeypatch, capsys)


def test_a_dry_run_needs_no_server(offline: Workbench) -> None:
    shown = offline("argilla", "push", "--dry-run", "--limit", "5")
    assert shown.code == 0
    assert shown.out.splitlines() == [
        "round-1 (a new round): 5 records, 2 answers wanted of each",
        "why                records",
        "verdict ambiguous        5",
    ]
    assert offline("argilla", "push", "--dry-run", "--json").data == {
        "round": "round-1", "new": True, "overlap": 2, "to_send": 12, "records": 12, "reasons": {"verdict ambiguous": 12},
        "workspace": "team", "workspace_is_there": None,
    }  # fmt: skip


def test_a_filter_that_matches_nothing_is_told_with_how_many_wait(offline: Workbench) -> None:
    assert offline("argilla", "push", "--dry-run", "--filter", "giraffe").err.strip() == (
        "Nothing is to be sent: none of the 12 that wait match the filter."
    )


def test_without_a_server_a_push_stores_nothing_and_says_what_to_do(offline: Workbench) -> None:
    tried = offline("argilla", "push")
    assert tried.code == 1
    assert "cannot be reached" in tried.err
    assert "correct `url` in the section [argilla]" in tried.err
    assert offline("argilla", "push", "--dry-run", "--json").data["new"]


def test_without_a_server_the_status_tells_what_stands_here_and_ends_with_1(offline: Workbench) -> None:
    shown = offline("argilla", "status", "--json")
    assert shown.code == 1
    assert (shown.data["reachable"], shown.data["rounds"]) == (False, [])
    assert "cannot be reached" in shown.data["trouble"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("open", "--print"), "no round is on Argilla yet"),
        (("open", "--round", "x"), "there is no round `x` on Argilla"),
        (("push", "--dry-run", "--filter", "state:odd"), "unknown state"),
        (("push", "--overlap", "0"), "--overlap"),
        (("push", "--dry-run", "--round", " "), "no name for a round"),
        (("pull", "--adopt", "x", "--round", "y"), "Leave --round away"),
    ],
)
def test_wrong_calls_are_told(offline: Workbench, arguments: tuple[str, ...], words: str) -> None:
    shown = offline("argilla", *arguments)
    assert shown.code == 2
    assert words in shown.err


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_round_from_push_to_status(online: Workbench, handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed = online("argilla", "push")
    page = f"{handed.stack.url}/dataset/{handed.dataset_id()}/annotation-mode"
    assert pushed.out.splitlines() == ["round-1: 12 records sent, 12 in all", page]
    assert "all that is uncertain is decided or with the team" in online("argilla", "push").err
    assert "12 of 12 pending, up to date" in online("argilla", "status").out
    for who in (ANN, BOB):
        handed.says(who, 1, "accept")
    handed.says(ANN, 2, "accept")
    handed.says(BOB, 2, "reject")
    before = online("argilla", "status").out
    assert "10 of 12 pending, answers to pull" in before
    pulled = online("argilla", "pull")
    assert pulled.out.splitlines() == [
        "round    records  new  changed  taken back  known  drafts",
        "round-1       12    4        0           0      0       0",
        "1 decided by the team",
    ]
    waits = "To be decided here: 1. `workbench review next --filter team:disagree`, or F3 in the app."
    assert pulled.err.strip() == waits
    assert online("argilla", "pull").err.splitlines() == ["Nothing new on the server.", waits]
    status = online("argilla", "status")
    assert status.code == 0
    assert f"{handed.stack.url}: reachable, Argilla 2.8.0, as owner (owner)" in status.out
    assert "10 of 12 pending, up to date" in status.out
    assert "to be decided here: 1 (`workbench review`)" in status.out
    data = online("argilla", "status", "--json").data
    assert data["rounds"][0]["outcomes"] == {"accept": 1, "disagree": 1, "waiting": 10}
    assert {one["name"]: one["answers"] for one in data["annotators"]} == {"ann": 2, "bob": 2}
    assert {one["name"]: one["submitted"] for one in data["rounds"][0]["on_server"]["people"]} == {"ann": 2, "bob": 2}
    opened: list[str] = []

    def browse(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    assert online("argilla", "open", "--print").out.strip() == page
    assert opened == []
    assert online("argilla", "open").code == 0
    assert opened == [page]


@pytest.mark.real
@pytest.mark.timeout(300)
def test_what_is_odd_on_the_server_is_said(online: Workbench, handed: Handed) -> None:
    online("argilla", "push")
    handed.owner.call("DELETE", f"/api/v1/records/{handed.record(1).server_id}")
    handed.says(ANN, 2)
    assert (
        "deleted on the server: 1 record; `workbench argilla push --round round-1` sends them again"
        in online("argilla", "pull").out
    )
    assert online("argilla", "push", "--round", "round-1").out.startswith("round-1: 1 record sent, 12 in all")
    handed.owner.call("DELETE", f"/api/v1/datasets/{handed.dataset_id()}")
    gone = online("argilla", "pull")
    assert gone.code == 0
    assert "its dataset is not on" in gone.out
    assert "not there" in online("argilla", "status").out


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_workspace_that_is_missing_or_too_empty_is_told(online: Workbench, handed: Handed) -> None:
    name = f"{handed.project.name}-empty"
    config = handed.project.config_path
    config.write_text(config.read_text().replace('workspace = "team"', f'workspace = "{name}"'))
    assert f"the workspace `{name}` is not on the server, or not yours: it would be made" in (
        online("argilla", "push", "--dry-run").out
    )
    assert handed.server.workspace(name) is None
    pushed = online("argilla", "push", "--limit", "4")
    assert pushed.out.splitlines()[-1].startswith(f"the workspace `{name}` was made; nobody is in it yet")
    assert "nobody is in the workspace of `round-1`, and 2 answers of each record are wanted" in online("argilla", "status").out
    ann = next(user for user in handed.owner.call("GET", "/api/v1/users")["items"] if user["username"] == "ann")
    handed.owner.call("POST", f"/api/v1/workspaces/{handed.server.workspace(name)}/users", json={"user_id": ann["id"]})
    assert online("argilla", "push", "--json").data["notes"] == [
        "only 1 person is in the workspace of `round-2`, and 2 answers of each record are wanted: add people on Argilla's pages"
    ]
    again = online("argilla", "push", "--round", "round-1", "--overlap", "3")
    assert (again.code, "leave --round away and add --new" in again.err) == (2, True)


@pytest.mark.real
@pytest.mark.timeout(300)
def test_json_of_push_and_pull(online: Workbench, handed: Handed) -> None:
    pushed = online("argilla", "push", "--json", "--limit", "4", "--round", "few").data
    assert (pushed["round"], pushed["sent"], pushed["records"], pushed["stopped"]) == ("few", 4, 4, False)
    pulled = online("argilla", "pull", "--json").data
    assert [(one["name"], one["read"], one["records"]) for one in pulled["rounds"]] == [("few", True, 4)]
