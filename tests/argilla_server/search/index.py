"""One index: its documents, updates by Argilla's scripts, searches, sorting and counts."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

from tests.argilla_server.search.documents import Document, Mapping, merge, objects_at
from tests.argilla_server.search.queries import UnknownRequestError, matches

REMOVE_SUGGESTION = re.compile(r'^ctx\._source\["suggestions"\]\.remove\("(.*)"\)$')
Hit = tuple[str, float]


class Index:
    def __init__(self, properties: Document) -> None:
        self.mapping = Mapping()
        self.mapping.add(properties)
        self.documents: dict[str, Document] = {}

    def update(self, document: str, body: Document) -> bool:
        """A partial document, or one of the three scripts Argilla sends. False when there is no such document."""
        source = self.documents.get(document)
        if source is None:
            return False
        if "doc" in body:
            merge(source, body["doc"])
        elif isinstance(body["script"], str):
            found = REMOVE_SUGGESTION.match(body["script"])
            if not found:
                raise UnknownRequestError(f"script {body['script']}")
            source.get("suggestions", {}).pop(found[1], None)
        else:
            script, response = body["script"]["source"], body["script"]["params"]["response"]
            if "responses.remove(i)" not in script:
                raise UnknownRequestError(f"script {script}")
            kept = [held for held in source.get("responses") or [] if held["id"] != response["id"]]
            source["responses"] = [*kept, response] if "responses.add(params.response)" in script else kept
        return True

    def search(self, body: Document, start: int, size: int) -> Document:
        query = body.get("query", {"match_all": {}})
        found = {key: source for key, source in self.documents.items() if matches(query, source, self.mapping)}
        hits = self._ranked(found, query)
        for order in reversed(body.get("sort") or []):
            hits = self._sorted(hits, found, order)
        answer: Document = {"took": 0, "timed_out": False, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0}}
        page = [{"_id": key, "_score": score} for key, score in hits[start : start + size]]
        answer["hits"] = {"total": {"value": len(hits), "relation": "eq"}, "max_score": None, "hits": page}
        if body.get("aggs"):
            answer["aggregations"] = {name: self._counted(asked, found) for name, asked in body["aggs"].items()}
        return answer

    def _ranked(self, found: dict[str, Document], query: Document) -> list[Hit]:
        """As stored; in a fixed shuffle of its own for each seed where Argilla asks for one (one seed per annotator)."""
        if "function_score" not in query:
            return [(key, 1.0) for key in found]
        seed = query["function_score"]["functions"][0]["random_score"]["seed"]
        scored = [(key, random.Random(f"{seed}{key}").random()) for key in found]
        return sorted(scored, key=lambda hit: -hit[1])

    def _sorted(self, hits: list[Hit], found: dict[str, Document], order: Document) -> list[Hit]:
        """By one field; documents without a value come last in both directions."""
        ((path, told),) = order.items()
        direction = told if isinstance(told, str) else told["order"]
        keys = {key: self._sort_key(found[key], path, told) for key, _ in hits}
        with_value = [hit for hit in hits if keys[hit[0]] is not None]
        with_value.sort(key=lambda hit: keys[hit[0]], reverse=direction == "desc")
        return with_value + [hit for hit in hits if keys[hit[0]] is None]

    def _sort_key(self, source: Document, path: str, told: Any) -> Any:
        nested = told.get("nested") if isinstance(told, dict) else None
        if nested:
            below, only = nested["path"], nested.get("filter", {"match_all": {}})
            parts = [part for part in objects_at(source, below) if matches(only, {below: part}, self.mapping)]
            source = {below: parts}
        values = self.mapping.indexed(source, path)
        if not values:
            return None
        return sum(values) / len(values) if isinstance(values[0], float) else min(values)

    def _counted(self, asked: Document, found: dict[str, Document]) -> Document:
        """Each document counts once for each distinct value it holds."""
        ((kind, told),) = asked.items()
        counts = Counter(value for source in found.values() for value in set(self.mapping.indexed(source, told["field"])))
        if kind == "value_count":
            return {"value": sum(counts.values())}
        if kind == "terms":
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[: told["size"]]
            return {"buckets": [{"key": value, "doc_count": count} for value, count in ordered]}
        if kind == "stats":
            return {"min": min(counts, default=None), "max": max(counts, default=None)}
        raise UnknownRequestError(f"aggregation {kind}")
