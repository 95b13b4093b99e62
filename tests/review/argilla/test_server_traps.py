"""What Argilla 2.8.0 really does where its documentation says nothing or something else; review/argilla relies on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import argilla as rg
import httpx
import httpx2
import pytest
from argilla._exceptions import ArgillaError, UnprocessableEntityError

from tests.argilla_server import ANN, BOB, CEM, OWNER, LocalArgilla
from tests.argilla_server.dataset import make_dataset, record, sdk_client
from tests.argilla_server.processes import free_port

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def client(argilla: LocalArgilla) -> Iterator[Any]:
    with sdk_client(argilla) as client:
        yield client


def ids_of(argilla: LocalArgilla, dataset: Any) -> dict[str, str]:
    return argilla.annotator(OWNER).record_ids(str(dataset.id))


def stored(argilla: LocalArgilla, dataset: Any) -> dict[str, dict[str, Any]]:
    return {record["external_id"]: record for record in argilla.annotator(OWNER).records(str(dataset.id))}


def pulled(dataset: Any, query: Any = None) -> list[str]:
    return [record.id for record in dataset.records(query)]


def test_a_discard_without_values_is_refused_and_stored_and_every_pull_of_the_sdk_dies_of_it(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=2)
    record_id = ids_of(argilla, dataset)["r0"]
    item = {"record_id": record_id, "status": "discarded"}
    answer = argilla.annotator(ANN).call("POST", "/api/v1/me/responses/bulk", json={"items": [item]})
    assert answer["items"][0]["error"] is not None
    (response,) = stored(argilla, dataset)["r0"]["responses"]
    assert (response["status"], response["values"]) == ("discarded", None)
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'items'"):
        pulled(dataset)


def test_a_discard_with_empty_values_is_seen_over_http_and_not_in_the_responses_of_the_sdk(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=1)
    argilla.annotator(ANN).discard([ids_of(argilla, dataset)["r0"]])
    (response,) = stored(argilla, dataset)["r0"]["responses"]
    assert (response["status"], response["values"]) == ("discarded", {})
    with pytest.warns(UserWarning, match="`user_id` not provided"):
        (seen,) = dataset.records()
    assert list(seen.responses) == []


def test_a_discard_of_the_web_page_carries_the_suggestions_as_if_they_were_answers(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=1)
    argilla.annotator(ANN).discard([ids_of(argilla, dataset)["r0"]], {"decision": "accept"})
    (seen,) = dataset.records()
    assert [(response.value, response.status.value) for response in seen.responses["decision"]] == [("accept", "discarded")]


def test_an_answered_record_sent_again_with_other_words_keeps_its_answers_and_stays_completed(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=1, min_submitted=1)
    argilla.annotator(ANN).submit({ids_of(argilla, dataset)["r0"]: {"decision": "accept"}})
    dataset.records.log([record(0, rephrasing="cancel it")])
    again = stored(argilla, dataset)["r0"]
    assert again["fields"]["rephrasing"] == "cancel it"
    assert again["status"] == "completed"
    assert [response["values"]["decision"]["value"] for response in again["responses"]] == ["accept"]


def test_a_bare_question_filters_on_its_suggestion_and_response_filters_on_answers(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=3)
    ids = ids_of(argilla, dataset)
    argilla.annotator(ANN).submit({ids["r1"]: {"decision": "reject"}})
    argilla.annotator(BOB).discard([ids["r2"]], {"decision": "reject"})
    assert pulled(dataset, rg.Query(filter=rg.Filter(("decision", "==", "accept")))) == ["r0", "r1", "r2"]
    assert pulled(dataset, rg.Query(filter=rg.Filter(("decision", "==", "reject")))) == []
    # An answer that was discarded counts: the status has to be asked for too.
    assert pulled(dataset, rg.Query(filter=rg.Filter(("decision.response", "==", "reject")))) == ["r1", "r2"]
    assert pulled(dataset, rg.Query(filter=rg.Filter(("response.status", "==", "submitted")))) == ["r1"]


def test_an_identifier_twice_in_one_batch_refuses_the_batch_and_leaves_those_before_it(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla)
    records = [record(0), record(1), record(2), record(2)]
    with pytest.raises(UnprocessableEntityError):
        dataset.records.log(records, batch_size=2)
    assert set(stored(argilla, dataset)) == {"r0", "r1"}


def test_a_batch_of_records_already_there_updates_them_and_makes_none_twice(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=3)
    before = ids_of(argilla, dataset)
    dataset.records.log([record(number) for number in range(5)])
    after = ids_of(argilla, dataset)
    assert sorted(after) == ["r0", "r1", "r2", "r3", "r4"]
    assert {key: after[key] for key in before} == before


def test_a_second_answer_to_one_record_is_a_conflict_alone_and_a_change_in_bulk(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=1)
    record_id = ids_of(argilla, dataset)["r0"]
    ann = argilla.annotator(ANN)
    (first,) = ann.submit({record_id: {"decision": "accept"}})
    alone = {"status": "submitted", "values": {"decision": {"value": "reject"}}}
    with pytest.raises(httpx2.HTTPStatusError, match="409"):
        ann.call("POST", f"/api/v1/records/{record_id}/responses", json=alone)
    (second,) = ann.submit({record_id: {"decision": "reject"}})
    assert second["id"] == first["id"]
    assert second["inserted_at"] == first["inserted_at"]
    assert second["updated_at"] > first["updated_at"]


def test_answers_in_bulk_are_refused_one_by_one_under_status_200(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=2)
    ids = ids_of(argilla, dataset)
    items = [
        {"record_id": ids["r0"], "status": "submitted", "values": {"decision": {"value": "no such label"}}},
        {"record_id": ids["r1"], "status": "submitted", "values": {"decision": {"value": "accept"}}},
    ]
    bad, good = argilla.annotator(ANN).call("POST", "/api/v1/me/responses/bulk", json={"items": items})["items"]
    assert "no such label" in bad["error"]["detail"]
    assert good["item"]["status"] == "submitted"


def test_more_answers_than_asked_for_are_taken(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=1, min_submitted=1)
    record_id = ids_of(argilla, dataset)["r0"]
    for person in (ANN, BOB, CEM):
        argilla.annotator(person).submit({record_id: {"decision": "accept"}})
    assert len(stored(argilla, dataset)["r0"]["responses"]) == 3


def test_another_number_of_answers_wanted_leaves_each_status_as_it_was_until_the_servers_worker_runs(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=1, min_submitted=2)
    argilla.annotator(ANN).submit({ids_of(argilla, dataset)["r0"]: {"decision": "accept"}})
    dataset.settings.distribution = rg.TaskDistribution(min_submitted=1)
    dataset.update()
    told = argilla.annotator(OWNER).call("GET", f"/api/v1/datasets/{dataset.id}")
    assert told["distribution"]["min_submitted"] == 1
    assert stored(argilla, dataset)["r0"]["status"] == "pending"


def test_an_answer_taken_back_leaves_no_trace_and_the_record_is_pending_again(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=1, min_submitted=1)
    ann = argilla.annotator(ANN)
    (response,) = ann.submit({ids_of(argilla, dataset)["r0"]: {"decision": "accept"}})
    ann.delete(response["id"])
    left = stored(argilla, dataset)["r0"]
    assert (left["responses"], left["status"]) == ([], "pending")


def test_answers_move_the_time_of_last_activity_and_answers_logged_with_the_records_do_not(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=2)
    ann, owner = argilla.annotator(ANN), argilla.annotator(OWNER)

    def last_activity() -> str:
        return str(owner.call("GET", f"/api/v1/datasets/{dataset.id}")["last_activity_at"])

    before = last_activity()
    answered = record(0)
    user_id = ann.call("GET", "/api/v1/me")["id"]
    answered.responses.add(rg.Response("decision", "reject", user_id=user_id, status="submitted"))
    dataset.records.log([answered])
    assert len(stored(argilla, dataset)["r0"]["responses"]) == 1
    assert last_activity() == before
    ann.submit({ids_of(argilla, dataset)["r1"]: {"decision": "accept"}})
    assert last_activity() > before


def test_annotators_may_answer_and_may_not_list(argilla: LocalArgilla, client: Any) -> None:
    dataset = make_dataset(client, argilla, records=1)
    with pytest.raises(httpx2.HTTPStatusError, match="403"):
        argilla.annotator(ANN).records(str(dataset.id))


def test_what_is_not_there_comes_back_as_none_and_an_empty_list_is_an_error(argilla: LocalArgilla, client: Any) -> None:
    with pytest.warns(UserWarning, match="not found"):
        assert client.datasets("never made", workspace=argilla.workspace) is None
    with pytest.warns(UserWarning, match="not found"):
        assert client.workspaces("never made") is None
    dataset = make_dataset(client, argilla)
    with pytest.raises(ValueError, match="No records provided"):
        dataset.records.log([])


def test_a_server_that_is_down_is_an_error_of_httpx_and_none_of_argillas() -> None:
    with pytest.raises(httpx.ConnectError) as caught:
        rg.Argilla(api_url=f"http://127.0.0.1:{free_port()}", api_key="owner.apikey", retries=0)
    assert not isinstance(caught.value, ArgillaError)


def test_the_numbers_told_to_one_annotator_count_what_others_answered_to_the_same_records(
    argilla: LocalArgilla, client: Any
) -> None:
    dataset = make_dataset(client, argilla, records=2, min_submitted=1)
    record_id = ids_of(argilla, dataset)["r0"]
    argilla.annotator(ANN).discard([record_id])
    argilla.annotator(BOB).submit({record_id: {"decision": "accept"}})
    told = argilla.annotator(BOB).call("GET", f"/api/v1/me/datasets/{dataset.id}/metrics")["responses"]
    assert (told["submitted"], told["discarded"]) == (1, 1)
