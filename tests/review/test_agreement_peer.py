"""Coefficients of agreement against an independent implementation, on random tables with and without missing answers."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from review.agreement import cohen_kappa, count_labels, fleiss_kappa, krippendorff_alpha
from tests.environments import built_environment

pytestmark = [pytest.mark.real, pytest.mark.slow]

Table = list[dict[str, str]]


def random_tables(count: int) -> list[Table]:
    source = random.Random(20_260_101)
    tables = []
    for _ in range(count):
        labels, noise, missing = source.choice(("ar", "aru", "abcdefg")), source.random(), source.choice((0, 0, 0.1, 0.5))
        names = ["ann", "bob", "cem", "dov", "eli"][: source.randint(2, 5)]
        table = []
        for _ in range(source.randint(2, 60)):
            truth = source.choice(labels)
            said = {name: truth if source.random() > noise else source.choice(labels) for name in names}
            table.append({name: label for name, label in said.items() if source.random() >= missing})
        tables.append(table)
    return tables


@pytest.fixture(scope="module")
def peer() -> Path:
    return built_environment("agreement", "nltk==3.9.2")


def test_the_coefficients_are_those_of_nltk(peer: Path) -> None:
    tables = random_tables(400)
    script = Path(__file__).with_name("agreement_peer.py")
    answered = subprocess.run([peer, script], input=json.dumps(tables), capture_output=True, text=True, check=True)
    compared = {"alpha": 0, "fleiss": 0, "cohen": 0}
    for table, theirs in zip(tables, json.loads(answered.stdout), strict=True):
        names = sorted({name for item in table for name in item})
        counts = count_labels([list(item.values()) for item in table])
        pairs = [(item[names[0]], item[names[1]]) for item in table if set(names[:2]) <= item.keys()]
        ours = {"alpha": krippendorff_alpha(counts), "fleiss": fleiss_kappa(counts), "cohen": cohen_kappa(pairs)}
        for name, value in theirs.items():
            if value is not None and ours[name].value is not None:
                assert ours[name].value == pytest.approx(value, abs=1e-9), (name, table)
                compared[name] += 1
    assert compared["alpha"] > 380
    assert compared["fleiss"] > 150
    assert compared["cohen"] > 380
