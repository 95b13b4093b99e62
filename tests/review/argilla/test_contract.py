"""What `review/argilla/server.py` relies on, against a real server; and what the SDK makes of what is pushed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from core.project import Project
from review.argilla.connection import connect
from review.argilla.definition import Definition, definition_of
from review.argilla.faults import ArgillaError, Fault
from review.argilla.server import ArgillaServer
from review.argilla.server_records import ServerDataset
from review.team.guidelines import GUIDELINES
from tests.argilla_server import ANN, BOB, LocalArgilla
from tests.argilla_server.dataset import sdk_client
from tests.review.argilla.handed import KEY_VARIABLE, Handed, make_project

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

DEFINITION = definition_of(GUIDELINES, 2)


@pytest.fixture
def server(handed: Handed) -> ArgillaServer:
    return handed.server


@pytest.fixture
def made(server: ArgillaServer, handed: Handed) -> ServerDataset:
    """A published dataset."""
    workspace = server.workspace("team")
    assert workspace is not None
    draft = server.make_dataset(f"{handed.project.name}-contract", workspace, "k1", DEFINITION)
    server.publish(draft, DEFINITION)
    return there(server, draft.id)


def there(server: ArgillaServer, dataset_id: str) -> ServerDataset:
    return next(one for one in server.datasets() if one.id == dataset_id)


def row(number: int, server: ArgillaServer, dataset: ServerDataset) -> dict[str, Any]:
    questions = server.question_ids(dataset.id)
    return {
        "external_id": f"r-{number}",
        "fields": {"original": "a", "rephrasing": f"b {number}", "expected": "c", "conversation": "d"},
        "metadata": {"flow": ["x", "y"], "command": [], "ambiguity": 1.0, "test": "t", "place": "f:1", "verdict": "none"},
        "suggestions": [
            {"question_id": questions["decision"], "type": "model", "value": "reject", "score": 0.25, "agent": "workbench/x"}
        ],
    }


def test_a_missing_workspace_is_none_and_can_be_made_once(server: ArgillaServer, handed: Handed) -> None:
    name = f"{handed.project.name}-place"
    assert server.workspace(name) is None
    made = server.make_workspace(name)
    assert server.workspace(name) == made
    with pytest.raises(ArgillaError) as caught:
        server.make_workspace(name)
    assert caught.value.fault is Fault.CONFLICT


def test_the_owner_sees_the_names_of_all(server: ArgillaServer) -> None:
    workspace = server.workspace("team")
    assert workspace is not None
    assert {"owner", "ann", "bob", "cem"} <= set(server.users(workspace).values())


def test_a_dataset_keeps_the_key_and_its_name_is_taken(server: ArgillaServer, made: ServerDataset) -> None:
    assert (made.is_published, made.key) == (True, "k1")
    with pytest.raises(ArgillaError) as caught:
        server.make_dataset(made.name, made.workspace_id, "k2", DEFINITION)
    assert caught.value.fault is Fault.CONFLICT


def test_a_draft_that_has_some_parts_is_completed(server: ArgillaServer, handed: Handed) -> None:
    workspace = server.workspace("team")
    assert workspace is not None
    draft = server.make_dataset(f"{handed.project.name}-half", workspace, "k", DEFINITION)
    some = Definition("g", 2, DEFINITION.fields[:2], DEFINITION.questions[1:], DEFINITION.metadata[:3])
    with pytest.raises(ArgillaError, match="without required questions"):
        server.publish(draft, some)
    server.publish(draft, DEFINITION)
    assert there(server, draft.id).is_published
    assert set(server.question_ids(draft.id)) == {"decision", "text", "commands", "comment"}


def test_what_the_machine_says_is_shown_below_all_that_is_to_be_read_first(server: ArgillaServer, made: ServerDataset) -> None:
    fields = server._ask("GET", f"datasets/{made.id}/fields")["items"]
    assert [one["name"] for one in fields] == ["original", "rephrasing", "expected", "conversation", "machine"]


def test_records_are_added_once_however_often_they_are_sent(server: ArgillaServer, made: ServerDataset) -> None:
    rows = [row(number, server, made) for number in range(5)]
    first = server.put_records(made.id, rows[:3])
    again = server.put_records(made.id, rows)
    assert {name: again[name] for name in first} == first
    page, total = server.records_from(made.id, 1, 2)
    assert total == 5
    assert [(one.external_id, one.fields["rephrasing"]) for one in page] == [("r-1", "b 1"), ("r-2", "b 2")]
    assert list(page[0].suggestions.values()) == ["reject"]
    assert server.completed(made.id) == (0, 5)


def test_two_who_add_the_same_at_once_both_succeed(server: ArgillaServer, made: ServerDataset) -> None:
    rows = [row(number, server, made) for number in range(40)]
    with ThreadPoolExecutor(2) as pool:
        added = list(pool.map(lambda _: server.put_records(made.id, rows), range(2)))
    assert all(one == added[0] for one in added)
    assert server.records_from(made.id, 0)[1] == 40


def test_a_draft_that_another_process_publishes_meanwhile_is_published(server: ArgillaServer, handed: Handed) -> None:
    workspace = server.workspace("team")
    assert workspace is not None
    draft = server.make_dataset(f"{handed.project.name}-both", workspace, "k", DEFINITION)
    server.publish(draft, DEFINITION)
    server.publish(draft, replace(DEFINITION, fields=(*DEFINITION.fields, {**DEFINITION.fields[0], "name": "more"})))
    assert set(server.question_ids(draft.id)) == {"decision", "text", "commands", "comment"}


def test_a_record_that_is_wrong_is_named_by_its_position_and_nothing_of_the_batch_is_taken(
    server: ArgillaServer, made: ServerDataset
) -> None:
    rows = [row(number, server, made) for number in range(3)]
    del rows[1]["fields"]["original"]
    with pytest.raises(ArgillaError, match="Record at position 1") as caught:
        server.put_records(made.id, rows)
    assert caught.value.fault is Fault.INVALID
    assert server.records_from(made.id, 0)[1] == 0


def test_a_record_that_is_not_there_is_none(server: ArgillaServer, made: ServerDataset) -> None:
    assert server.record("00000000-0000-0000-0000-000000000000") is None


def test_every_kind_of_answer_moves_the_datasets_last_activity(
    handed: Handed, server: ArgillaServer, made: ServerDataset
) -> None:
    record = server.put_records(made.id, [row(0, server, made)])["r-0"]
    seen = [there(server, made.id).last_activity]

    def moved() -> bool:
        seen.append(there(server, made.id).last_activity)
        return seen[-1] not in seen[:-1]

    ann, bob = handed.stack.annotator(ANN), handed.stack.annotator(BOB)
    (response,) = ann.submit({record: {"decision": "accept"}})
    assert moved(), "an answer"
    ann.submit({record: {"decision": "reject"}})
    assert moved(), "a changed answer"
    bob.discard([record])
    assert moved(), "a discard"
    ann.delete(response["id"])
    assert moved(), "an answer taken back"
    assert not moved(), "nothing"


def test_responses_come_with_their_user_status_values_and_time_discards_without_values_too(
    handed: Handed, server: ArgillaServer, made: ServerDataset
) -> None:
    record = server.put_records(made.id, [row(0, server, made)])["r-0"]
    names = server.users(made.workspace_id)
    handed.stack.annotator(ANN).submit({record: {"decision": "accept", "comment": "fine"}})
    handed.stack.annotator(BOB).discard([record])
    found = server.record(record)
    (page,), _ = server.records_from(made.id, 0)
    assert found is not None
    assert found.responses == page.responses
    assert {(names[one.user_id], one.status, tuple(one.values.items())) for one in page.responses} == {
        ("ann", "submitted", (("decision", "accept"), ("comment", "fine"))),
        ("bob", "discarded", ()),
    }
    people = {one.name: (one.submitted, one.discarded) for one in server.people(made.id)}
    assert people == {"ann": (1, 0), "bob": (0, 1)}


def test_the_sdk_reads_what_was_pushed(handed: Handed) -> None:
    pushed = handed.push()
    assert pushed.round is not None
    with sdk_client(handed.stack) as client:
        dataset = client.datasets(pushed.round.place["dataset"], workspace="team")
        records = list(dataset.records(with_suggestions=True))
        assert dataset.settings.distribution.min_submitted == 2
        assert dataset.guidelines == GUIDELINES.strip()
    assert len(records) == 12
    assert {record.id for record in records} == {record.external_id for record in handed.records()}
    one = next(record for record in records if record.fields["rephrasing"] == "keep book 0")
    assert one.fields["original"] == "renew the book 0"
    assert one.fields["expected"] == "start flow renew_loan"
    assert "← the original" in one.fields["conversation"]
    assert one.fields["machine"].startswith("Verdict: ambiguous\nAmbiguity score: 0.")
    assert one.metadata["flow"] == ["renew_loan"]
    assert one.metadata["command"] == ["start flow"]
    assert one.metadata["test"] == "renew 0"
    assert one.metadata["place"] == "e2e_tests/loans.yml:3"
    suggestion = next(found for found in one.suggestions if found.question_name == "decision")
    assert suggestion.agent == "workbench/ambiguity"
    assert suggestion.score == pytest.approx(max(one.metadata["ambiguity"], 1 - one.metadata["ambiguity"]))


def test_an_annotators_key_is_refused_at_once(
    argilla: LocalArgilla, uncertain: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    argilla.start()
    project = make_project(uncertain.root, conversations=1, url=argilla.url)
    monkeypatch.setenv(KEY_VARIABLE, ANN.api_key)
    with pytest.raises(ArgillaError, match="role `annotator`"):
        connect(project)


def test_an_unknown_key_is_refused(argilla: LocalArgilla, uncertain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    argilla.start()
    project = make_project(uncertain.root, conversations=1, url=argilla.url)
    monkeypatch.setenv(KEY_VARIABLE, "nobody.apikey")
    with pytest.raises(ArgillaError, match="does not know the API key in ARGILLA_API_KEY") as caught:
        connect(project)
    assert caught.value.fault is Fault.KEY
