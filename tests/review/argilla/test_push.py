"""Handing out rounds to a real server: what goes, and that it goes once."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from core.errors import ProjectError, UsageError
from core.project import Project
from review.argilla.choosing import Wanted, plan
from review.argilla.connection import connect
from review.argilla.faults import ArgillaError, Fault
from review.argilla.push import push
from review.argilla.server import ArgillaServer
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.team.models import Outcome
from tests.argilla_server import ANN, OWNER, LocalArgilla
from tests.review.argilla.handed import KEY_VARIABLE, Handed, make_project

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def planned(project: Project, wanted: Wanted | None = None) -> Any:
    with closing(project.open()) as connection:
        return plan(project, connection, wanted or Wanted(), silent)


def external_ids(handed: Handed, name: str = "round-1") -> list[str]:
    return sorted(record["external_id"] for record in handed.on_server(name))


def test_all_that_is_uncertain_goes_and_a_second_push_has_nothing_to_send(handed: Handed) -> None:
    seen: list[tuple[str, int, int]] = []
    pushed = handed.push(progress=lambda *step: seen.append(step))
    assert (pushed.is_new, pushed.sent, pushed.known, pushed.records) == (True, 12, 0, 12)
    assert pushed.page == f"{handed.stack.url}/dataset/{handed.dataset_id()}/annotation-mode"
    assert [step for step in seen if step[0] == "sending records"] == [("sending records", done, 12) for done in (0, 5, 10, 12)]
    records = handed.records()
    assert external_ids(handed) == sorted(record.external_id for record in records)
    there = {record["external_id"]: record["id"] for record in handed.on_server()}
    assert {record.external_id: record.server_id for record in records} == there
    assert handed.push().round is None


def test_decided_rephrasings_stay_here_and_those_that_are_flagged_go_first_with_their_reason(handed: Handed) -> None:
    with closing(handed.project.open()) as connection:
        log = DecisionLog(connection, "anna", "app")
        log.decide([1], Decision.ACCEPT)
        log.decide([2], Decision.FLAG)
    assert planned(handed.project).reasons == {"flagged": 1, "verdict ambiguous": 10}
    assert handed.push().sent == 11
    assert all(record.rephrasing_id != 1 for record in handed.records())


def test_a_round_can_be_limited_filtered_and_named_and_the_next_takes_the_rest(handed: Handed) -> None:
    first = handed.push(Wanted(round_name="birds", filter_=parse_filter("bird"), limit=4, overlap=3))
    assert first.round is not None
    assert (first.round.name, first.sent, first.round.overlap) == ("birds", 4, 3)
    assert all("bird" in record["fields"]["rephrasing"] for record in handed.on_server("birds"))
    second = handed.push()
    assert second.round is not None
    assert (second.round.name, second.sent, second.round.overlap) == ("round-2", 8, 2)
    assert not set(external_ids(handed, "birds")) & set(external_ids(handed, "round-2"))


def test_a_dry_run_says_how_many_and_why_and_sends_and_stores_nothing(handed: Handed) -> None:
    found = planned(handed.project, Wanted(limit=7))
    assert (found.round_name, found.is_new, found.records, found.reasons) == ("round-1", True, 7, {"verdict ambiguous": 7})
    with closing(handed.project.open()) as connection:
        assert connection.execute("SELECT count(*) FROM team_round").fetchone() == (0,)


def test_a_push_that_is_cancelled_goes_on_with_the_same_call(handed: Handed) -> None:
    stop: list[int] = []
    first = handed.push(progress=lambda what, done, total: stop.append(done), cancelled=lambda: 5 in stop)
    assert (first.sent, first.stopped) == (5, True)
    assert planned(handed.project).records == 7
    second = handed.push()
    assert (second.is_new, second.sent, second.known, second.stopped) == (False, 7, 0, False)
    assert len(set(external_ids(handed))) == len(external_ids(handed)) == 12


def test_two_pushes_of_one_project_do_not_run_at_once(handed: Handed) -> None:
    caught: list[str] = []

    def push_too(what: str, done: int, total: int) -> None:
        if done == 5:
            with pytest.raises(UsageError) as error:
                handed.push()
            caught.append(error.value.what)

    assert handed.push(progress=push_too).sent == 12
    assert len(caught) == 1
    assert caught[0].startswith("a push to Argilla runs in this project already")


def test_a_new_round_can_be_made_while_another_is_unfinished(handed: Handed) -> None:
    handed.push(Wanted(limit=6), cancelled=stop_after(handed, batches=1))
    second = handed.push(Wanted(new=True))
    assert second.round is not None
    assert (second.round.name, second.sent) == ("round-2", 6)
    assert planned(handed.project).round_name == "round-1"


@pytest.mark.parametrize("wanted", [Wanted(limit=1), Wanted(filter_=parse_filter("bird")), Wanted(overlap=5)])
def test_what_makes_a_new_round_is_not_taken_for_one_that_is_begun(handed: Handed, wanted: Wanted) -> None:
    handed.push(cancelled=stop_after(handed, batches=1))
    with pytest.raises(UsageError, match="the round `round-1`"):
        handed.push(wanted)


def test_a_name_with_space_around_it_is_refused_before_anything_is_stored(handed: Handed) -> None:
    with pytest.raises(UsageError, match="no name for a round"):
        handed.push(Wanted(round_name=" x "))
    assert planned(handed.project).is_new


def test_guidelines_of_the_project_are_shown_and_bad_ones_are_told_before_anything_is_stored(handed: Handed) -> None:
    text = handed.project.config_path.read_text()
    handed.project.config_path.write_text(text + '\n[team]\nguidelines = "labelling.md"\n')
    project = Project(handed.project.root)
    (project.root / "labelling.md").write_text("x" * 10_001)
    with pytest.raises(ProjectError, match="10,001 characters"):
        push(project, handed.server)
    (project.root / "labelling.md").write_text("# Ours\n")
    push(project, handed.server)
    dataset = handed.owner.call("GET", f"/api/v1/datasets/{handed.dataset_id()}")
    assert dataset["guidelines"] == "# Ours"


def test_a_dataset_of_the_same_name_that_somebody_else_made_is_left_alone(handed: Handed) -> None:
    name = handed.project.name
    twin = make_project(handed.project.root, conversations=1, url=handed.stack.url, name=name, test="of another project")
    first, second = handed.push(), push(twin, handed.server)
    assert first.round is not None
    assert second.round is not None
    assert (first.round.place["dataset"], second.round.place["dataset"]) == (f"{name}-round-1", f"{name}-round-1-2")


def test_a_record_that_was_deleted_on_the_server_is_sent_again_when_its_round_is_named(handed: Handed) -> None:
    handed.push()
    lost = handed.record(3).server_id
    handed.owner.call("DELETE", f"/api/v1/records/{lost}")
    assert handed.push().round is None
    again = handed.push(Wanted(round_name="round-1"))
    assert (again.sent, again.known) == (1, 0)
    assert len(external_ids(handed)) == 12
    assert handed.record(3).server_id not in (None, lost)


def test_a_dataset_that_was_deleted_is_made_again_with_what_is_still_to_be_answered(handed: Handed) -> None:
    handed.push()
    for who in (ANN, OWNER):
        handed.says(who, 1, "accept")
    handed.pull()
    handed.owner.call("DELETE", f"/api/v1/datasets/{handed.dataset_id()}")
    again = handed.push(Wanted(round_name="round-1"))
    assert again.sent == 11
    assert len(external_ids(handed)) == 11
    assert handed.outcome(1) is Outcome.ACCEPT


def test_what_changed_here_before_it_was_sent_is_not_sent(handed: Handed) -> None:
    handed.push(cancelled=stop_after(handed, batches=1))
    (unsent, *_) = (record for record in handed.records() if record.pushed_at is None)
    with closing(handed.project.open()) as connection:
        DecisionLog(connection, "anna", "app").edit(unsent.rephrasing_id, "other words", accept=False)
    assert handed.push().sent == 6
    assert handed.push(Wanted(round_name="round-1")).sent == 0


def test_a_missing_workspace_is_made_by_an_owner(argilla: LocalArgilla, handed: Handed) -> None:
    project = make_project(handed.project.root, conversations=1, url=argilla.url, workspace=f"{handed.project.name}-own")
    assert push(project, handed.server).sent == 4
    assert handed.server.workspace(f"{handed.project.name}-own") is not None


def test_an_admin_without_the_workspace_is_told_whom_to_ask_and_can_push_once_a_member(
    handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"admin-{handed.project.name}"
    admin = handed.owner.call(
        "POST", "/api/v1/users", json={"username": name, "first_name": "A", "password": "12345678", "role": "admin"}
    )
    workspace = handed.server.make_workspace(f"{name}-place")
    project = make_project(handed.project.root, conversations=1, url=handed.stack.url, workspace=f"{name}-place")
    monkeypatch.setenv(KEY_VARIABLE, admin["api_key"])
    with closing(connect(project)) as server:
        with pytest.raises(ArgillaError, match=f"{name} has no workspace") as caught:
            push(project, server)
        assert caught.value.fault is Fault.ROLE
        handed.owner.call("POST", f"/api/v1/workspaces/{workspace}/users", json={"user_id": admin["id"]})
        assert push(project, server).sent == 4


def test_a_record_that_the_server_refuses_is_named_and_the_earlier_batches_are_there(
    handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = ArgillaServer.put_records

    def spoiled(server: ArgillaServer, dataset_id: str, records: Any) -> dict[str, str]:
        if len(external_ids(handed)) == 5:
            records[2]["fields"].pop("original")
        return put(server, dataset_id, records)

    monkeypatch.setattr(ArgillaServer, "put_records", spoiled)
    with pytest.raises(ArgillaError, match=r"5 of 12 records are sent; .*position 2.*\(rephrasing \d+\)") as caught:
        handed.push()
    assert "goes on from there" in caught.value.remedy
    monkeypatch.undo()
    monkeypatch.setenv(KEY_VARIABLE, handed.stack.api_key)
    assert handed.push().sent == 7


def stop_after(handed: Handed, *, batches: int) -> Any:
    """Says yes once so many batches are confirmed."""

    def cancelled() -> bool:
        with closing(handed.project.open()) as connection:
            (count,) = connection.execute("SELECT count(*) FROM team_record WHERE pushed_at IS NOT NULL").fetchone()
        return bool(count >= 5 * batches)

    return cancelled
