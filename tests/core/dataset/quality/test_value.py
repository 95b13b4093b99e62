"""Learning value on data where the right answer is obvious."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands import CancelFlow, SetSlot, StartFlow
from core.dataset.models import Part
from core.dataset.quality.kinds import kind_of
from core.dataset.quality.measure import measure
from core.dataset.quality.models import DatasetQuality, StepValue
from core.dataset.quality.seen import wording
from core.dataset.quality.value import gain_of
from tests.core.dataset.quality.versions import Step, Written

FLAT = ["i want to pay", "i want to pay please", "want to pay", "please i want to pay", "i want to pay", "to pay please"]
VARIED = ["settle my bill", "where do i send money", "clear the balance", "here is what i owe you", "invoice sorted today"]


def _gain(original: str, *said: str) -> float | None:
    return gain_of(wording(original), [wording(text) for text in said])


def _steps(found: DatasetQuality) -> dict[str, StepValue]:
    return {one.original: one for one in found.gains}


def test_gain_is_what_a_rephrasing_has_that_no_other_wording_has() -> None:
    assert _gain("a b", "a b") == 0
    assert _gain("a b", "c d") == 1
    assert _gain("a b") is None
    # `a c`: c and (a c) of 3 are its own; `a b c`: (b c) of 5
    assert _gain("a b", "a c", "a b c") == pytest.approx((1 / 3 + 1 / 5) / 2)  # c is in both; `a c` keeps (a c)


def test_gain_does_not_hang_on_the_order() -> None:
    assert _gain("pay", *VARIED) == pytest.approx(_gain("pay", *reversed(VARIED)))


def test_saying_the_same_again_gains_nothing_and_new_words_do(tmp_path: Path) -> None:
    written = Written()
    for test in ("a", "b"):
        written.test(test, Step(f"{test} i want to pay", FLAT), Step(f"{test} pay", VARIED))
    steps = _steps(measure(written.write(tmp_path / "v")))
    flat, varied = steps["a i want to pay"], steps["a pay"]
    assert flat.gain is not None
    assert varied.gain is not None
    assert flat.gain < 0.2 < 0.8 < varied.gain
    assert (flat.wants, varied.wants) == ("tests", "rephrasings")
    assert varied.score > flat.score


def test_a_step_of_a_rare_kind_comes_before_one_of_a_common_kind(tmp_path: Path) -> None:
    written = Written()
    cancel = (CancelFlow(),)
    for test in range(20):
        written.test(f"common {test}", Step(f"pay {test}", VARIED))
    for test in range(2):
        written.test(f"rare {test}", Step(f"stop {test}", VARIED, cancel))
    found = measure(written.write(tmp_path / "v"))
    assert [one.original for one in found.gains[:2]] == ["stop 0", "stop 1"]
    rare, common = (next(one for one in found.kinds if one.kind == kind) for kind in ("pay: cancel flow", "pay: start flow"))
    assert (rare.rows, rare.tests, rare.rarity) == (12, 2, 66 / 12)
    assert (common.rows, common.tests, common.rarity) == (120, 20, 66 / 120)


def test_a_kind_of_a_single_test_wants_tests(tmp_path: Path) -> None:
    written = Written()
    written.test("one", Step("stop", VARIED, (CancelFlow(),)))
    written.test("two", Step("pay", VARIED))
    written.test("three", Step("pay now", VARIED))
    steps = _steps(measure(written.write(tmp_path / "v")))
    assert steps["stop"].wants == "tests"
    assert steps["pay"].wants == "rephrasings"


def test_a_step_without_rephrasings_wants_them_most(tmp_path: Path) -> None:
    written = Written()
    written.test("one", Step("pay this", VARIED))
    written.test("two", Step("a bill"))
    first = measure(written.write(tmp_path / "v")).gains[0]
    assert (first.original, first.gain, first.wants) == ("a bill", None, "rephrasings")


def test_the_kind_that_holds_most_rows_and_adds_least_is_named_first(tmp_path: Path) -> None:
    """Thirty tests that all answer the same question with the same words, and three that say something each time."""
    written = Written()
    yes = (SetSlot("confirm", "True"),)
    for test in range(30):
        written.test(f"yes {test}", Step("yes", ["yes please", "sure"], yes, ("pay",), "asks confirm"))
    for test in range(3):
        written.test(f"pay {test}", Step(f"bill {test}", [f"{text} {test}" for text in VARIED]))
    found = measure(written.write(tmp_path / "v"))
    assert [one.kind for one in found.kinds] == ["pay: set slot confirm", "pay: start flow"]
    first = found.kinds[0]
    assert (first.rows, first.labels, first.steps) == (90, 1, 30)
    # yes, please, (yes please), sure: 2 2/3 rows' worth of 90 was new
    assert first.novelty == pytest.approx((1 + 2 / 3 + 1) / 90)
    assert first.repeated == pytest.approx(90 - 8 / 3)
    assert found.kinds[1].novelty > 0.4


def test_the_same_words_after_another_question_are_new(tmp_path: Path) -> None:
    written = Written()
    two = (SetSlot("guests", "2"),)
    written.test("a", Step("for two", (), two, ("book",), "asks guests"))
    written.test("b", Step("for two", (), (SetSlot("rooms", "2"),), ("book",), "asks rooms"))
    written.test("c", Step("for two", (), two, ("book",), "asks guests"))
    novelty = {one.kind: one.novelty for one in measure(written.write(tmp_path / "v")).kinds}
    assert novelty == {"book: set slot guests": 1 / 2, "book: set slot rooms": 1.0}


def test_what_only_val_says_does_not_make_train_less_new(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("pay"))
    written.test("b", Step("pay"), part=Part.VAL)
    found = measure(written.write(tmp_path / "v"))
    assert found.novelty == 1
    (kind,) = found.kinds
    assert (kind.rows, kind.val, kind.tests) == (1, 1, 2)


def test_values_of_slots_are_counted_and_those_that_val_has_alone(tmp_path: Path) -> None:
    written = Written()
    for n, value in enumerate(("2", "2", "2", "4")):
        written.test(f"t{n}", Step(value, (), (SetSlot("guests", value),)))
    written.test("v", Step("nine", (), (SetSlot("guests", "9"),)), part=Part.VAL)
    written.test("w", Step("Basel", (), (SetSlot("city", "Basel"),)), part=Part.VAL)
    city, guests = measure(written.write(tmp_path / "v")).slots
    assert (guests.rows, guests.values, guests.commonest, guests.most, guests.only_val) == (4, 2, "2", 3 / 4, 1)
    assert (city.rows, city.values, city.only_val) == (0, 0, 1)


def test_kinds_have_no_values() -> None:
    from core.commands import to_json

    commands = to_json((StartFlow("pay"), SetSlot("amount", "50"), SetSlot("to", "Jo")))
    assert kind_of(("pay",), commands) == "pay: set slot amount, set slot to, start flow"
    assert kind_of((), "[]") == "no flow: nothing"


def test_lists_are_cut_to_what_was_asked_for(tmp_path: Path) -> None:
    written = Written()
    for test in range(9):
        written.test(f"t{test}", Step(f"pay {test}", ["pay now", f"pay {test} now"]))
    version = written.write(tmp_path / "v")
    found = measure(version, keep=4)
    assert (len(found.gains), len(found.alike), found.step_count) == (4, 4, 9)
    assert [one.original for one in found.gains] == [one.original for one in measure(version).gains[:4]]
