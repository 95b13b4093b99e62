"""A small dataset on the server, made with the bare SDK: for what concerns the server and not our adapter."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import argilla as rg

from tests.argilla_server.server import LocalArgilla

_numbers = itertools.count(1)
DECISIONS = ["accept", "reject", "unsure"]


@contextmanager
def sdk_client(server: LocalArgilla) -> Iterator[Any]:
    """The SDK's client in the owner's name; its connections are closed at the end."""
    client = rg.Argilla(api_url=server.url, api_key=server.api_key)
    try:
        yield client
    finally:
        client.http_client.close()


def make_dataset(client: Any, server: LocalArgilla, *, records: int = 0, min_submitted: int = 2) -> Any:
    """`decision` with three labels and an optional `comment`; records `r0`, `r1`, … with the suggestion `accept`."""
    settings = rg.Settings(
        fields=[rg.TextField("original"), rg.TextField("rephrasing")],
        questions=[rg.LabelQuestion("decision", labels=DECISIONS), rg.TextQuestion("comment", required=False)],
        metadata=[rg.TermsMetadataProperty("flow"), rg.FloatMetadataProperty("ambiguity")],
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )
    dataset = rg.Dataset(f"round-{next(_numbers)}", workspace=server.workspace, settings=settings, client=client).create()
    if records:
        dataset.records.log([record(number) for number in range(records)])
    return dataset


def record(number: int, rephrasing: str = "wire it to her") -> Any:
    return rg.Record(
        id=f"r{number}",
        fields={"original": f"send {number} to Ann", "rephrasing": rephrasing},
        metadata={"flow": ("transfer", "balance")[number % 2], "ambiguity": number / 10},
        suggestions=[rg.Suggestion("decision", "accept", score=0.9, agent="validation")],
    )
