"""A decision later, the tests of a dataset are on the sides they were on, if that is asked for."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.dataset.earlier import seen_in_train
from core.dataset.models import DatasetVersion
from core.errors import UsageError
from core.project import Project
from tests.core.pipeline.small import Built, built, contexts, conversation, decide, put, query

SHARES = {"train_frac": 0.6, "holdout_frac": 0.2}
COUNT = 30


@pytest.fixture
def harbour(project: Project) -> Project:
    """Thirty tests of one message that has a rephrasing."""
    fill(project, COUNT)
    return project


def fill(project: Project, count: int) -> None:
    texts = {f"t{n}": (f"message number {n} of all", f"what is said as number {n}") for n in range(count)}
    tests = [conversation(name, [(text, ["start flow buy_ticket"], [other])]) for name, (text, other) in texts.items()]
    put(project, "rephrasings/t.yml", "conversations:\n" + "".join(tests))
    put(project, "contexts.yml", contexts({name: [text] for name, (text, _) in texts.items()}))


def sides(project: Project, version: DatasetVersion) -> dict[str, str]:
    return dict(
        query(
            project,
            "SELECT DISTINCT c.name, p.part FROM data_point p JOIN user_step s ON s.id = p.step_id"
            " JOIN conversation c ON c.id = s.conversation_id WHERE p.dataset_id = ?",
            version.id,
        )
    )


def seen_shortfalls(found: Built) -> list[str]:
    return [line for line in found.shortfalls if "in train of earlier datasets" in line]


def test_a_rejected_rephrasing_moves_no_test_if_the_split_is_kept(harbour: Project) -> None:
    first = built(harbour, **SHARES)
    decide(harbour, "reject", "what is said as number 3")
    moved = built(harbour, **SHARES)
    kept = built(harbour, **SHARES, keep_split=first.version.address)
    assert sides(harbour, moved.version) != sides(harbour, first.version), "else there is nothing to keep"
    assert sides(harbour, kept.version) == sides(harbour, first.version)
    assert kept.version.points != first.version.points


def test_new_tests_find_a_side_and_old_ones_keep_theirs(harbour: Project) -> None:
    first = built(harbour, **SHARES)
    fill(harbour, COUNT + 10)
    kept = built(harbour, **SHARES, keep_split=first.version.address)
    found = sides(harbour, kept.version)
    assert {name: found[name] for name in sides(harbour, first.version)} == sides(harbour, first.version)
    assert kept.version.points == {"train": 48, "val": 16, "holdout": 16}


def test_the_split_that_is_kept_is_a_parameter_and_part_of_the_address(harbour: Project) -> None:
    first = built(harbour, **SHARES)
    kept = built(harbour, **SHARES, keep_split=first.version.address)
    assert kept.version.parameters["keep_split"] == first.version.address
    assert kept.version.address != first.version.address
    assert built(harbour, **SHARES, keep_split=first.version.address).version == kept.version


def test_a_dataset_that_is_not_there_cannot_be_kept(harbour: Project) -> None:
    with pytest.raises(UsageError, match="there is no dataset `abcdefabcdef`, whose split is to be kept"):
        built(harbour, keep_split="abcdef" * 10 + "abcd")


def test_rows_of_the_holdout_that_were_trained_on_are_counted_and_the_way_out_is_named(harbour: Project) -> None:
    first = built(harbour, **SHARES)
    assert (first.version.summary["split"]["seen_in_train_before"], seen_shortfalls(first)) == (0, [])
    other = built(harbour, **SHARES, seed=43)
    before, after = sides(harbour, first.version), sides(harbour, other.version)
    seen = 2 * sum(before[name] == "train" and part == "holdout" for name, part in after.items())
    assert seen > 0
    assert other.version.summary["split"]["seen_in_train_before"] == seen
    assert seen_shortfalls(other) == [
        f"{seen} of {other.version.points['holdout']} rows of holdout were in train of earlier datasets:"  # type: ignore[index]
        f" `--keep-split {first.version.name}` keeps tests where they are"
    ]


def test_with_the_split_kept_the_holdout_is_new_to_every_model(harbour: Project) -> None:
    first = built(harbour, **SHARES)
    decide(harbour, "reject", "what is said as number 3")
    kept = built(harbour, **SHARES, keep_split=first.version.address)
    assert (kept.version.summary["split"]["seen_in_train_before"], seen_shortfalls(kept)) == (0, [])


def test_another_rephrasing_of_a_step_is_another_row(harbour: Project) -> None:
    built(harbour, rephrasings="none")
    ((step, rephrasing),) = query(harbour, "SELECT step_id, id FROM rephrasing ORDER BY id LIMIT 1")
    with closing(harbour.open()) as connection:
        assert seen_in_train(connection, [(step, 0), (step, rephrasing), (step + 1, 0)]) == 2
