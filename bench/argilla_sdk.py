"""The bare Argilla SDK doing what a round does: the same dataset made, the same records sent and read."""

from __future__ import annotations

import itertools
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ["TQDM_DISABLE"] = "1"  # the SDK draws a bar for each call

import argilla as rg

_numbers = itertools.count(1)


class BareSdk:
    """`like` must be called before the rest: it takes over the settings and the records of a dataset of ours."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._settings: Any = None
        self._records: list[Any] = []
        self._workspace = ""

    def like(self, dataset_id: str) -> None:
        dataset = self.dataset(dataset_id)
        self._workspace = dataset.workspace.name
        with tempfile.TemporaryDirectory() as folder:
            dataset.settings.to_json(Path(folder) / "settings.json")
            self._settings = rg.Settings.from_json(Path(folder) / "settings.json")
        self._records = [_copy(record) for record in dataset.records(with_responses=False)]

    def push(self) -> int:
        """Makes a dataset and logs all records in the SDK's own batches. Returns how many."""
        name = f"bare-{next(_numbers)}"
        dataset = rg.Dataset(name, workspace=self._workspace, settings=self._settings, client=self._client).create()
        dataset.records.log(self._records)
        return len(self._records)

    def answer(self, dataset: Any, user_id: str) -> None:
        """An answer of that user to every record; through the owner, for answers sent one by one take minutes."""
        accept = [rg.Response("decision", "accept", user_id=user_id, status="submitted")]
        dataset.records.log([_copy(record, accept) for record in self._records])

    def pull(self, dataset: Any) -> int:
        """Reads all records with their responses into a list. Returns how many responses."""
        return sum(len(record.responses["decision"]) for record in list(dataset.records(with_responses=True)))

    def dataset(self, dataset_id: str) -> Any:
        """With its settings: found by id it has none yet, and its records cannot be read without."""
        return self._client.datasets(id=dataset_id).get()


def _copy(record: Any, responses: Sequence[Any] = ()) -> Any:
    suggestions = [rg.Suggestion(one.question_name, one.value, score=one.score, agent=one.agent) for one in record.suggestions]
    fields, metadata = dict(record.fields), dict(record.metadata)
    return rg.Record(id=record.id, fields=fields, metadata=metadata, suggestions=suggestions, responses=list(responses))


@contextmanager
def bare_sdk(url: str, api_key: str) -> Iterator[BareSdk]:
    logging.getLogger("argilla.sdk").setLevel(logging.ERROR)
    client = rg.Argilla(api_url=url, api_key=api_key)
    try:
        yield BareSdk(client)
    finally:
        client.http_client.close()
