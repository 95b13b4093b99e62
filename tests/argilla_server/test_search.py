"""The search stand-in: queries as Argilla sends them, against what an OpenSearch would find."""

from __future__ import annotations

from typing import Any

import pytest

from tests.argilla_server.search.documents import Mapping, comparable, values_at
from tests.argilla_server.search.index import Index
from tests.argilla_server.search.queries import UnknownRequestError, matches
from tests.argilla_server.search.server import Engine
from tests.argilla_server.search.text import says

PROPERTIES: dict[str, Any] = {
    "status": {"type": "keyword"},
    "updated_at": {"type": "date_nanos"},
    "fields.original": {"type": "text"},
    "metadata": {"dynamic": False, "type": "object"},
    "metadata.ambiguity": {"type": "float"},
    "suggestions.comment": {"type": "object", "properties": {"value": {"type": "object", "enabled": False}}},
    "responses": {
        "type": "nested",
        "properties": {"user_id": {"type": "keyword"}, "status": {"type": "keyword"}, "stars": {"type": "integer"}},
    },
}
ANN_REJECTS = {"id": "1", "user_id": "ann", "status": "submitted", "decision": "reject", "stars": 1}
BOB_DISCARDS = {"id": "2", "user_id": "bob", "status": "discarded", "decision": "accept", "stars": 5}


@pytest.fixture
def index() -> Index:
    index = Index(PROPERTIES)
    index.documents["a"] = {"id": "a", "status": "pending", "metadata": {"ambiguity": 0.5}, "responses": [ANN_REJECTS]}
    index.documents["b"] = {"id": "b", "status": "completed", "responses": [ANN_REJECTS, BOB_DISCARDS]}
    index.documents["c"] = {"id": "c", "status": "pending", "metadata": {"ambiguity": 10}, "fields": {"original": "转账 now"}}
    return index


def found(index: Index, query: dict[str, Any], **more: Any) -> list[str]:
    return [hit["_id"] for hit in index.search({"query": query, **more}, 0, 100)["hits"]["hits"]]


def test_a_nested_query_wants_all_of_it_from_one_and_the_same_answer(index: Index) -> None:
    clauses = [{"terms": {"responses.status": ["discarded"]}}, {"terms": {"responses.user_id": ["ann"]}}]
    assert found(index, {"nested": {"path": "responses", "query": {"bool": {"must": clauses}}}}) == []
    assert found(index, {"bool": {"must": clauses}}) == ["b"]


def test_records_without_any_answer_or_without_one_of_a_user_are_found_by_what_they_lack(index: Index) -> None:
    assert found(index, {"bool": {"must_not": {"exists": {"field": "responses"}}}}) == ["c"]
    assert found(index, {"bool": {"must_not": {"term": {"responses.user_id": "bob"}}}}) == ["a", "c"]


def test_should_needs_one_clause_unless_others_must_hold(index: Index) -> None:
    either = [{"term": {"status": "completed"}}, {"ids": {"values": ["c"]}}]
    assert found(index, {"bool": {"should": either, "minimum_should_match": 1}}) == ["b", "c"]
    assert found(index, {"bool": {"should": either, "must": [{"match_all": {}}]}}) == ["a", "b", "c"]


def test_numbers_are_compared_as_numbers_and_dates_with_and_without_a_zone_as_one(index: Index) -> None:
    assert found(index, {"range": {"metadata.ambiguity": {"gte": "2"}}}) == ["c"]
    assert found(index, {"range": {"metadata.ambiguity": {"gte": 0.5, "lte": 0.5}}}) == ["a"]
    assert comparable("2026-01-02T03:04:05+00:00", "date_nanos") == comparable("2026-01-02T03:04:05", "date_nanos")


def test_what_is_kept_without_an_index_is_not_found() -> None:
    mapping = Mapping()
    mapping.add(PROPERTIES)
    document = {"id": "d", "suggestions": {"comment": {"value": "hello"}}}
    assert values_at(document, "suggestions.comment.value") == ["hello"]
    assert not matches({"exists": {"field": "suggestions.comment.value"}}, document, mapping)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("wire now", True),
        ("wire later", False),
        ("later | wire", True),
        ('"the money"', True),
        ('"money the"', False),
        ("mon*", True),
        ("-wire", False),
        ("-later", True),
        ("转", True),
        ("账转", True),
        ('"账转"', False),
    ],
)
def test_a_text_query_wants_every_word(query: str, is_found: bool) -> None:
    assert says(query, ["Wire the money", "转账 now"]) is is_found


def test_documents_without_the_sorted_value_come_last_both_ways(index: Index) -> None:
    everything: dict[str, Any] = {"match_all": {}}
    assert found(index, everything, sort=[{"metadata.ambiguity": "asc"}]) == ["a", "c", "b"]
    assert found(index, everything, sort=[{"metadata.ambiguity": "desc"}]) == ["c", "a", "b"]
    of_bob = {"path": "responses", "filter": {"terms": {"responses.user_id": ["bob"]}}}
    by_stars = {"responses.stars": {"order": "asc", "mode": "avg", "nested": of_bob}}
    assert found(index, everything, sort=[by_stars]) == ["b", "a", "c"]


def test_each_seed_has_a_shuffle_of_its_own_that_does_not_change(index: Index) -> None:
    index.documents = {str(number): {"id": str(number)} for number in range(50)}

    def order(seed: str) -> list[str]:
        function = {"random_score": {"seed": seed, "field": "_seq_no"}}
        return found(index, {"function_score": {"query": {"match_all": {}}, "functions": [function]}})

    assert order("ann") == order("ann")
    assert order("ann") != order("bob")
    assert sorted(order("ann")) == sorted(index.documents)


def test_counts_take_each_value_of_a_document_once(index: Index) -> None:
    asked = {
        "terms": {"terms": {"field": "responses.user_id", "size": 10}},
        "count": {"value_count": {"field": "responses.user_id"}},
        "range": {"stats": {"field": "metadata.ambiguity"}},
    }
    counted = index.search({"aggs": asked}, 0, 0)["aggregations"]
    assert counted["terms"] == {"buckets": [{"key": "ann", "doc_count": 2}, {"key": "bob", "doc_count": 1}]}
    assert counted["count"] == {"value": 3}
    assert counted["range"] == {"min": 0.5, "max": 10}


def test_pages_are_cut_from_the_whole_and_the_total_is_told(index: Index) -> None:
    page = index.search({}, 1, 1)["hits"]
    assert ([hit["_id"] for hit in page["hits"]], page["total"]["value"]) == (["b"], 3)


def test_scripts_replace_and_remove_answers_and_suggestions_and_others_are_refused(index: Index) -> None:
    replace = "responses.remove(i); responses.add(params.response)"
    changed = {**ANN_REJECTS, "decision": "accept"}
    index.update("b", {"script": {"source": replace, "params": {"response": changed}}})
    assert index.documents["b"]["responses"] == [BOB_DISCARDS, changed]
    index.update("b", {"script": {"source": "responses.remove(i)", "params": {"response": BOB_DISCARDS}}})
    assert index.documents["b"]["responses"] == [changed]
    index.update("b", {"doc": {"suggestions": {"decision": {"value": "accept"}}}})
    index.update("b", {"script": 'ctx._source["suggestions"].remove("decision")'})
    assert index.documents["b"]["suggestions"] == {}
    with pytest.raises(UnknownRequestError):
        index.update("b", {"script": "ctx.op = 'noop'"})
    assert index.update("never there", {"doc": {}}) is False


def test_an_engine_makes_fills_and_drops_indexes() -> None:
    engine = Engine()
    body = b'{"mappings": {"properties": {"status": {"type": "keyword"}}}}'
    assert engine.answer("HEAD", "/rg.1", {}, b"")[0] == 404
    assert engine.answer("PUT", "/rg.1", {}, body)[0] == 200
    assert engine.answer("PUT", "/rg.1", {}, body)[0] == 400
    lines = b'{"index": {"_index": "rg.1", "_id": "x"}}\n{"id": "x"}\n{"delete": {"_index": "rg.1", "_id": "y"}}\n'
    (indexed, deleted) = engine.answer("POST", "/_bulk", {}, lines)[1]["items"]
    assert (indexed["index"]["status"], deleted["delete"]["status"]) == (201, 404)
    assert engine.answer("POST", "/rg.1/_search", {"size": "5"}, b"{}")[1]["hits"]["total"]["value"] == 1
    assert engine.answer("DELETE", "/rg.1", {}, b"")[0] == 200
    assert engine.answer("POST", "/rg.1/_search", {}, b"{}")[0] == 404
