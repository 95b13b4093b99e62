"""Fetching answers from a real server: everything that people and servers do to them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import Any

import httpx2
import pytest

from core.errors import UsageError
from core.project import Project
from review.argilla.choosing import Wanted
from review.argilla.faults import ArgillaError, Fault
from review.argilla.reading import PulledRound
from review.argilla.server import ArgillaServer
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Outcome, Say, Status
from tests.argilla_server import ANN, BOB, CEM
from tests.environments import ROOT
from tests.review.argilla.handed import Handed
from tests.review.small import start

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def pushed(handed: Handed) -> Handed:
    handed.push()
    return handed


def one(handed: Handed, **given: Any) -> PulledRound:
    (found,) = handed.pull(**given).rounds
    return found


def log_rows(handed: Handed) -> list[tuple[str, str, str]]:
    with closing(handed.project.open()) as connection:
        return connection.execute("SELECT surface, reviewer, kind FROM decision ORDER BY id").fetchall()


def test_two_annotators_agree_on_one_and_disagree_on_another(pushed: Handed) -> None:
    for who in (ANN, BOB):
        pushed.says(who, 1, "accept")
    pushed.says(ANN, 2, "accept")
    response = pushed.says(BOB, 2, "reject", comment="asks for another book")
    pulled = pushed.pull()
    assert (pulled.total("added"), pulled.decided) == (4, 1)
    assert (pushed.outcome(1), pushed.outcome(2), pushed.outcome(3)) == (Outcome.ACCEPT, Outcome.DISAGREE, Outcome.WAITING)
    answers = {answer.annotator: answer for answer in pushed.answers(2)}
    assert (answers["ann"].decision, answers["bob"].decision) == (Say.ACCEPT, Say.REJECT)
    assert answers["bob"].comment == "asks for another book"
    assert answers["bob"].answered_at.startswith(response["updated_at"][:19])
    assert sorted(row for row in log_rows(pushed) if row[1] in ("ann", "bob")) == [
        ("argilla", "ann", "accept"), ("argilla", "ann", "accept"), ("argilla", "bob", "accept"), ("argilla", "bob", "reject"),
    ]  # fmt: skip


def test_where_nothing_was_answered_since_nothing_is_fetched(pushed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed.says(ANN, 1)
    assert one(pushed).read
    asked: list[str] = []
    ask = ArgillaServer._ask

    def listened(server: ArgillaServer, method: str, path: str, **given: Any) -> Any:
        asked.append(path)
        return ask(server, method, path, **given)

    monkeypatch.setattr(ArgillaServer, "_ask", listened)
    assert not one(pushed).read
    assert asked == ["me/datasets"]
    again = one(pushed, again=True)
    assert (again.read, again.known, again.added) == (True, 1, 0)


def test_discards_with_nothing_and_with_what_was_filled_in_are_discards(pushed: Handed) -> None:
    pushed.discards(ANN, 1)
    pushed.discards(BOB, 1, decision="accept", commands="start flow other")
    pushed.says(ANN, 2)
    pulled = one(pushed)
    assert pulled.added == 3
    assert [(a.annotator, a.status, a.decision, a.commands) for a in pushed.answers(1)] == [
        ("ann", Status.DISCARDED, None, None),
        ("bob", Status.DISCARDED, None, None),
    ]
    assert pushed.outcome(1) is Outcome.DISAGREE


def test_a_discard_whose_values_are_null_on_the_server_hurts_nobody(pushed: Handed) -> None:
    """Sent without values it is answered with an error, and is there all the same."""
    item = {"record_id": pushed.record(1).server_id, "status": "discarded"}
    pushed.stack.annotator(ANN).call("POST", "/api/v1/me/responses/bulk", json={"items": [item]})
    (stored,) = [record for record in pushed.on_server() if record["responses"]]
    assert stored["responses"][0]["values"] is None
    assert one(pushed).added == 1
    assert [answer.status for answer in pushed.answers(1)] == [Status.DISCARDED]


def test_drafts_are_counted_and_are_no_answers(pushed: Handed) -> None:
    pushed.drafts(ANN, 1, decision="reject")
    pulled = one(pushed)
    assert (pulled.added, pulled.drafts) == (0, 1)
    assert pushed.answers(1) == []


def test_a_changed_answer_replaces_the_earlier_one_and_both_stay_in_the_log(pushed: Handed) -> None:
    for who in (ANN, BOB):
        pushed.says(who, 1, "accept")
    pushed.pull()
    pushed.says(ANN, 1, "reject")
    pulled = pushed.pull()
    assert (pulled.total("changed"), pulled.total("added"), pulled.taken_back) == (1, 0, 1)
    assert {answer.annotator: answer.decision for answer in pushed.answers(1)} == {"bob": Say.ACCEPT, "ann": Say.REJECT}
    assert [row[2] for row in log_rows(pushed) if row[1] == "ann"] == ["accept", "reject"]


def test_late_answers_and_more_than_asked_for_count(pushed: Handed) -> None:
    for who in (ANN, BOB):
        pushed.says(who, 1, "accept")
    pushed.pull()
    pushed.says(CEM, 1, "reject")
    assert one(pushed).added == 1
    assert len(pushed.answers(1)) == 3
    assert pushed.outcome(1) is Outcome.ACCEPT


def test_an_answer_that_was_taken_back_is_withdrawn(pushed: Handed) -> None:
    response = pushed.says(ANN, 1)
    pushed.says(BOB, 1)
    pushed.pull()
    assert pushed.outcome(1) is Outcome.ACCEPT
    pushed.takes_back(ANN, response)
    pulled = pushed.pull()
    assert (pulled.total("withdrawn"), pulled.taken_back) == (1, 1)
    assert [answer.annotator for answer in pushed.answers(1)] == ["bob"]
    assert pushed.outcome(1) is Outcome.WAITING
    assert not one(pushed).read
    pushed.says(ANN, 1)
    assert one(pushed).changed == 1
    assert pushed.outcome(1) is Outcome.ACCEPT


def test_an_answer_that_became_a_draft_again_is_withdrawn(pushed: Handed) -> None:
    pushed.says(ANN, 1)
    pushed.pull()
    pushed.drafts(ANN, 1, decision="accept")
    assert one(pushed).withdrawn == 1
    assert pushed.answers(1) == []


def test_a_decision_made_here_stays_and_the_conflict_is_recorded(pushed: Handed) -> None:
    with closing(pushed.project.open()) as connection:
        DecisionLog(connection, "anna", "app").decide([1], Decision.REJECT)
    for who in (ANN, BOB):
        pushed.says(who, 1, "accept")
    pulled = pushed.pull()
    assert (pulled.conflicts, pulled.decided) == (1, 0)
    assert pushed.outcome(1) is Outcome.CONFLICT
    with closing(pushed.project.open()) as connection:
        assert connection.execute("SELECT state FROM rephrasing WHERE id = 1").fetchone() == (2,)


def test_wordings_and_commands_that_people_would_have_arrive(pushed: Handed) -> None:
    pushed.says(ANN, 1, "accept", text="keep book no. 0", commands="StartFlow(extend_loan)")
    pushed.says(BOB, 1, "accept", text=" keep book 0 ", commands="start flow renew_loan")
    for who in (ANN, BOB):
        pushed.says(who, 2, "accept", commands="the right ones", text="keep\nit")
    pushed.pull()
    ann, bob = pushed.answers(1)
    assert (ann.text, ann.commands) == ("keep book no. 0", start("extend_loan"))
    assert (bob.text, bob.commands) == (None, None)
    assert [(answer.commands, answer.unread_commands) for answer in pushed.answers(2)] == [(None, "the right ones")] * 2
    assert pushed.outcome(2) is Outcome.DISAGREE


@pytest.mark.parametrize(
    ("rule", "all_agree", "two_of_three", "one_unsure"),
    [
        ("unanimous", Outcome.ACCEPT, Outcome.DISAGREE, Outcome.DISAGREE),
        ("majority", Outcome.ACCEPT, Outcome.ACCEPT, Outcome.ACCEPT),
        ("adjudicate", Outcome.DISAGREE, Outcome.DISAGREE, Outcome.DISAGREE),
    ],
)
def test_answers_come_to_what_the_rule_of_the_project_says(
    handed: Handed, rule: str, all_agree: Outcome, two_of_three: Outcome, one_unsure: Outcome
) -> None:
    config = handed.project.config_path
    config.write_text(config.read_text() + f'[team]\nrule = "{rule}"\n')
    handed.project = Project(handed.project.root)
    handed.push(Wanted(overlap=3))
    for id_, says in (
        (1, "accept accept accept"),
        (2, "accept reject accept"),
        (3, "accept unsure accept"),
        (4, "accept accept"),
    ):
        for who, say in zip((ANN, BOB, CEM), says.split(), strict=False):
            handed.says(who, id_, say)
    handed.pull()
    came = [handed.outcome(id_) for id_ in (1, 2, 3, 4)]
    assert came == [all_agree, two_of_three, one_unsure, Outcome.ACCEPT if rule == "majority" else Outcome.WAITING]
    assert sum(row == ("argilla", "team", "accept") for row in log_rows(handed)) == came.count(Outcome.ACCEPT)


def test_what_the_machine_filled_in_says_nothing_unless_it_was_changed(handed: Handed) -> None:
    with closing(handed.project.open()) as connection:
        connection.execute("UPDATE verdict SET commands = ?", (start("return_loan"),))
    handed.push()
    (suggestion,) = {found["value"] for record in handed.on_server() for found in record["suggestions"]} - {"accept", "reject"}
    assert suggestion == "start flow return_loan"
    handed.says(ANN, 1, "accept", commands=suggestion)
    handed.says(BOB, 1, "accept", commands=f"{suggestion}\nset slot title x")
    handed.pull()
    ann, bob = handed.answers(1)
    assert ann.commands is None
    assert bob.commands is not None


def test_answers_stay_when_their_record_the_annotator_or_the_whole_dataset_is_deleted(pushed: Handed) -> None:
    name = f"gone-{pushed.project.name}"
    person = pushed.owner.call("POST", "/api/v1/users", json={"username": name, "first_name": "G", "password": "12345678"})
    workspace = pushed.server.workspace("team")
    pushed.owner.call("POST", f"/api/v1/workspaces/{workspace}/users", json={"user_id": person["id"]})
    item = {"record_id": pushed.record(1).server_id, "status": "submitted", "values": {"decision": {"value": "accept"}}}
    headers = {"X-Argilla-Api-Key": person["api_key"]}
    answer = httpx2.post(f"{pushed.stack.url}/api/v1/me/responses/bulk", json={"items": [item]}, headers=headers)
    assert answer.json()["items"][0]["error"] is None
    pushed.says(ANN, 2)
    pushed.pull()
    pushed.owner.call("DELETE", f"/api/v1/users/{person['id']}")
    pushed.owner.call("DELETE", f"/api/v1/records/{pushed.record(2).server_id}")
    pulled = one(pushed, again=True)
    assert (pulled.withdrawn, pulled.gone, pulled.kept) == (0, 1, 2)
    assert [answer.annotator for answer in pushed.answers(1)] == [name]
    assert [answer.annotator for answer in pushed.answers(2)] == ["ann"]
    pushed.owner.call("DELETE", f"/api/v1/datasets/{pushed.dataset_id()}")
    gone = one(pushed)
    assert not gone.read
    assert "is not on" in gone.note
    assert [answer.annotator for answer in pushed.answers(2)] == ["ann"]


def test_records_that_this_project_did_not_hand_out_are_reported(pushed: Handed) -> None:
    row = {"original": "a", "rephrasing": "b", "expected": "c", "conversation": "d"}
    ids = pushed.server.put_records(pushed.dataset_id(), [{"external_id": "r-of-another-clone", "fields": row}])
    pushed.stack.annotator(ANN).submit({ids["r-of-another-clone"]: {"decision": "accept"}})
    pulled = one(pushed)
    assert (pulled.records, pulled.unknown, pulled.unknown_answers, pulled.added) == (13, 1, 1, 0)


def test_pages_and_records_that_a_page_missed(pushed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record deleted between two pages shifts the others: the one that was first on the next page is asked for by itself."""
    listing = ArgillaServer.records_from
    for rephrasing_id in range(1, 13):
        pushed.says(ANN, rephrasing_id)

    def small(server: ArgillaServer, dataset_id: str, offset: int, limit: int) -> Any:
        found, total = listing(server, dataset_id, offset, limit)
        if offset == 0:
            pushed.owner.call("DELETE", f"/api/v1/records/{found[0].id}")
        return found, total

    monkeypatch.setattr(ArgillaServer, "records_from", small)
    monkeypatch.setattr("review.argilla.listing.PAGE", 5)
    pulled = one(pushed)
    assert (pulled.added, pulled.gone) == (12, 0)


def test_a_pull_that_breaks_off_keeps_what_came_and_the_next_gets_the_rest(
    pushed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rephrasing_id in range(1, 13):
        pushed.says(ANN, rephrasing_id)
    listing = ArgillaServer.records_from

    def killed(server: ArgillaServer, dataset_id: str, offset: int, limit: int) -> Any:
        found = listing(server, dataset_id, offset, limit)
        pushed.stack.kill()
        return found

    monkeypatch.setattr("review.argilla.listing.PAGE", 5)
    monkeypatch.setattr(ArgillaServer, "records_from", killed)
    with pytest.raises(ArgillaError) as caught:
        pushed.pull()
    assert caught.value.fault is Fault.UNREACHABLE
    assert sum(len(pushed.answers(rephrasing_id)) for rephrasing_id in range(1, 13)) == 5
    pushed.stack.start()
    monkeypatch.setattr(ArgillaServer, "records_from", listing)
    pulled = one(pushed)
    assert (pulled.known, pulled.added) == (5, 7)


def test_a_cancelled_pull_is_gone_on_with(pushed: Handed) -> None:
    pushed.says(ANN, 1)
    stopped = pushed.pull(cancelled=lambda: True)
    assert (stopped.stopped, stopped.total("added")) == (True, 0)
    assert one(pushed).added == 1


@pytest.mark.slow
def test_two_processes_that_pull_at_once_record_everything_once(pushed: Handed) -> None:
    for rephrasing_id in range(1, 13):
        pushed.says(ANN, rephrasing_id, "accept")
        pushed.says(BOB, rephrasing_id, "accept")
    command = [sys.executable, "-c", "from tui.cli.start import run; run()", "-C", str(pushed.project.root), "argilla", "pull"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0, 0], errors
    answers = [row for row in log_rows(pushed) if row[1] in ("ann", "bob")]
    assert len(answers) == 24
    assert len([row for row in log_rows(pushed) if row[1] == "team"]) == 12


def test_an_older_reading_does_not_withdraw_what_another_process_brought_in_since(
    pushed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed.says(ANN, 1)
    listing = ArgillaServer.records_from

    def overtaken(server: ArgillaServer, dataset_id: str, offset: int, limit: int) -> Any:
        found = listing(server, dataset_id, offset, limit)
        monkeypatch.setattr(ArgillaServer, "records_from", listing)
        pushed.says(BOB, 1)
        pushed.pull()
        return found

    monkeypatch.setattr(ArgillaServer, "records_from", overtaken)
    pushed.pull()
    assert {answer.annotator for answer in pushed.answers(1)} == {"ann", "bob"}
    pushed.pull()
    assert {answer.annotator for answer in pushed.answers(1)} == {"ann", "bob"}


def test_one_round_of_several_can_be_asked_for(handed: Handed) -> None:
    handed.push(Wanted(limit=4))
    handed.push()
    handed.says(ANN, handed.records("round-1")[0].rephrasing_id)
    assert [found.name for found in handed.pull(round_name="round-2").rounds] == ["round-2"]
    with pytest.raises(UsageError, match="no round `round-3` on Argilla"):
        handed.pull(round_name="round-3")
    assert handed.pull().total("added") == 1
