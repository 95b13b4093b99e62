"""What two dataset versions have that the other has not."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from dataclasses import replace

import pytest

from core.dataset.compare import Change, DatasetComparison, compare
from core.dataset.models import DatasetOptions, DatasetVersion, LeftOutPoint
from core.project import Project
from tests.core.dataset.versions import points_of, small_version, store_version
from tests.core.lineage.small import two_tests
from tests.core.pipeline.small import correct, put, query


def diff(project: Project, old: DatasetVersion, new: DatasetVersion, limit: int = 20) -> DatasetComparison:
    with closing(project.open()) as connection:
        return compare(connection, old, new, limit=limit)


def changed(found: DatasetComparison) -> dict[str, tuple[Change, ...]]:
    """What there is, by what it is."""
    assert all(one.count >= len(one.first) for one in found.changes)
    return {one.what: one.first for one in found.changes if one.count}


@pytest.fixture
def ferry(project: Project) -> Project:
    return two_tests(project)


def test_a_version_is_the_same_as_itself(ferry: Project) -> None:
    version = small_version(ferry)
    found = diff(ferry, version, version)
    assert found.is_same
    assert found.as_data()["same"] is True


def test_parameters_template_and_code_that_differ_are_named(ferry: Project) -> None:
    old = small_version(ferry)
    new = small_version(ferry, options=DatasetOptions(seed=7), template="other.jinja2")
    names = [name for name, _, _ in diff(ferry, old, new).about]
    assert names == ["seed", "template"]
    assert not diff(ferry, old, new).is_same
    assert diff(ferry, old, replace(old, code_version="9")).about == (("code_version", "0.0", "9"),)


def test_a_test_that_came_and_one_that_changed_sides(ferry: Project) -> None:
    old = small_version(ferry)
    case = "test_cases:\n- test_case: asks\n  steps:\n  - user: hello\n    commands: [offtopic reply]\n  - bot: ok\n"
    put(ferry, "e2e_tests/asks.yml", case)
    new = small_version(ferry, val=["rents a cabin"])
    assert changed(diff(ferry, old, new)) == {
        "tests that came": (Change("e2e_tests/asks.yml:2", "asks"),),
        "tests that changed sides": (Change("e2e_tests/cabins.yml:2", "rents a cabin", "train", "val"),),
    }
    assert changed(diff(ferry, new, old))["tests that went"] == (Change("e2e_tests/asks.yml:2", "asks"),)
    assert diff(ferry, old, new).points["val"] == (0, 3)


def test_a_step_that_was_edited_went_and_another_came(ferry: Project) -> None:
    old = small_version(ferry)
    path = ferry.root / "labels.jsonl"
    put(ferry, "labels.jsonl", path.read_text(encoding="utf-8").replace("next Friday", "next Monday"))
    text = (ferry.root / "e2e_tests/cabins.yml").read_text(encoding="utf-8")
    put(ferry, "e2e_tests/cabins.yml", text.replace("next Friday", "next Monday"))
    found = changed(diff(ferry, old, small_version(ferry)))
    assert found["user steps that came, of tests in both"] == (Change("e2e_tests/cabins.yml:6", "next Monday"),)
    assert [one.text for one in found["user steps that went, of tests in both"]] == ["next Friday"]


def test_texts_that_came_and_went(ferry: Project) -> None:
    old = small_version(ferry)
    new = small_version(ferry, without={"Friday night": LeftOutPoint.NEAR})
    gone = (Change("e2e_tests/cabins.yml:6", "Friday night"),)
    assert changed(diff(ferry, old, new)) == {"texts that went, of user steps in both": gone}
    assert changed(diff(ferry, new, old)) == {"texts that came, of user steps in both": gone}


def test_labels_and_wordings_that_changed_show_both(ferry: Project) -> None:
    old = small_version(ferry)
    step = query(ferry, "SELECT id FROM user_step WHERE text = 'a cabin with two beds'")[0][0]
    correct(ferry, step, "start flow rent_room")
    points = [replace(one, said="FRIDAY") if one.said == "Friday night" else one for one in points_of(ferry)]
    found = changed(diff(ferry, old, store_version(ferry, points)))
    assert found["texts with another label"] == (
        Change(
            "e2e_tests/cabins.yml:4", "a cabin with two beds", "start flow rent_cabin, set slot cabin_beds 2",
            "start flow rent_room",
        ),
    )  # fmt: skip
    assert found["texts in other words"] == (Change("e2e_tests/cabins.yml:6", "FRIDAY", "Friday night", "FRIDAY"),)


def test_all_are_counted_and_the_first_are_listed(ferry: Project) -> None:
    old = small_version(ferry)
    new = small_version(ferry, without=dict.fromkeys(["Friday night", "on Friday"], LeftOutPoint.EXACT))
    (went,) = [one for one in diff(ferry, old, new, limit=1).changes if one.count]
    assert (went.count, len(went.first)) == (2, 1)


def test_the_database_is_left_as_it_was_and_can_be_asked_again(ferry: Project) -> None:
    old, new = small_version(ferry), small_version(ferry, val=["rents a cabin"])
    with closing(ferry.open()) as connection:
        first = compare(connection, old, new)
        assert not connection.in_transaction
        assert compare(connection, old, new) == first


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(ferry: Project) -> None:
    """30,000 rows in each version; the texts alone are several megabytes."""
    points = [
        replace(one, variant=variant, said=f"{one.said} {variant} " + "x" * 100)
        for one in points_of(ferry)[:6]
        for variant in range(5_000)
    ]
    old, new = store_version(ferry, points), store_version(ferry, points, code_version="1")
    tracemalloc.start()
    assert not changed(diff(ferry, old, new))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
