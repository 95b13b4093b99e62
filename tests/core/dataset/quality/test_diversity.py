"""How varied wordings are beside the originals, on data where the figures can be worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from core.dataset.models import Part
from core.dataset.quality.measure import ALL, measure
from core.dataset.quality.seen import Seen, number_of, wording
from core.rephrasing.diversity import edit_distance, self_bleu
from tests.core.dataset.quality.versions import Step, Written


def test_figures_of_originals_and_rephrasings_by_hand(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("book a car", ["get a car", "get one car"]))
    written.test("b", Step("book a room", ["room please"]))
    found = measure(written.write(tmp_path / "v")).parts["train"]
    # book a car book a room: 4 different of 6 words, 3 of 4 pairs
    assert (found.originals.texts, found.originals.distinct_1, found.originals.distinct_2) == (2, 4 / 6, 3 / 4)
    # the two originals are of one kind: 2 of 3 words match; above, one is added: (1 + 1) / (2 + 1), (0 + 1) / (1 + 1)
    by_hand = math.exp((math.log(2 / 3) + math.log(2 / 3) + math.log(1 / 2)) / 3)
    assert found.originals.self_bleu == pytest.approx(by_hand)
    assert found.originals.edit_distance is None
    # get a car get one car room please: 6 different of 8 words, all 5 pairs
    assert (found.rephrasings.texts, found.rephrasings.distinct_1, found.rephrasings.distinct_2) == (3, 6 / 8, 1.0)
    # among the rephrasings of one step: 2 of 3 words, (0 + 1) / (2 + 1), (0 + 1) / (1 + 1)
    in_step = math.exp((math.log(2 / 3) + math.log(1 / 3) + math.log(1 / 2)) / 3)
    assert found.rephrasings.self_bleu == pytest.approx(in_step)
    in_first = (edit_distance("book a car", "get a car") + edit_distance("book a car", "get one car")) / 2
    assert found.rephrasings.edit_distance == pytest.approx((in_first + edit_distance("book a room", "room please")) / 2)


def test_one_wording_for_each_step_is_as_many_texts_as_there_are_originals(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("book a car", [f"car number {n}" for n in range(9)]), Step("yes"))
    found = measure(written.write(tmp_path / "v")).parts["train"]
    assert found.one_each.texts == found.originals.texts == 2
    assert found.rephrasings.texts == 9
    assert found.rephrasings.distinct_1 == 11 / 27
    assert found.one_each.distinct_1 == 1.0  # "car number 3" and "yes", which has no rephrasing


def test_a_rephrasing_in_many_rows_is_one_wording(tmp_path: Path) -> None:
    """A test's later variants take the first rephrasing again; its row has another history then."""
    written = Written()
    step = Step("book a car")
    for variant in range(5):
        written.row(Part.TRAIN, "a", 1, 1, variant, 7 if variant else None, step, "get a car" if variant else step.original)
    found = measure(written.write(tmp_path / "v"))
    assert found.parts["train"].rephrasings.texts == 1
    assert found.parts["train"].rephrasings.self_bleu is None
    assert found.kinds[0].rows == 5


def test_parts_are_measured_apart_and_together_and_the_holdout_is_not_read(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("book a car", ["get a car"]))
    written.test("b", Step("book a car", ["a car now"]), part=Part.VAL)
    written.test("c", Step("secret words", ["sealed ones"]), part=Part.HOLDOUT)
    found = measure(written.write(tmp_path / "v"))
    assert found.parts.keys() == {"train", "val", ALL}
    assert [found.parts[name].originals.texts for name in ("train", "val", ALL)] == [1, 1, 2]
    assert found.parts[ALL].originals.distinct_1 == 1 / 2
    assert found.measured == 4
    assert "secret" not in str(found)


def test_a_dataset_of_train_only_has_no_figures_of_val(tmp_path: Path) -> None:
    written = Written()
    written.test("a", Step("book a car"))
    found = measure(written.write(tmp_path / "v"))
    assert found.parts.keys() == {"train", ALL}
    assert found.parts["train"].rephrasings.as_data() == {
        "texts": 0, "distinct_1": None, "distinct_2": None, "self_bleu": None, "edit_distance": None,
    }  # fmt: skip


def test_the_same_version_gives_the_same_figures(tmp_path: Path) -> None:
    written = Written()
    for test in range(120):
        written.test(f"t{test}", Step(f"pay {test}", [f"{test} to pay {n}" for n in range(3)]))
    version = written.write(tmp_path / "v")
    assert measure(version) == measure(version)
    kinds = measure(version).parts["train"].originals
    assert kinds.self_bleu is not None  # of a sample of the 120 texts of the kind


def test_self_bleu_of_many_texts_is_that_of_comparing_each_with_all_others() -> None:
    """The figure is worked out in one pass; here against the definition."""
    texts = [["a", "b", "a", "c"], ["a", "a"], ["b", "c", "d"], ["a", "b", "a", "c"], ["x"]]

    def bleu(own: list[str], others: list[list[str]]) -> float:
        logs = []
        for order in range(1, min(4, len(own)) + 1):
            grams = [tuple(own[at : at + order]) for at in range(len(own) - order + 1)]
            matched = 0
            for gram in set(grams):
                in_others = [
                    sum(tuple(other[at : at + order]) == gram for at in range(len(other) - order + 1)) for other in others
                ]
                matched += min(grams.count(gram), max(in_others))
            plus = int(order > 1)
            if matched + plus == 0:
                return 0.0
            logs.append(math.log((matched + plus) / (len(grams) + plus)))
        nearest = min((abs(len(other) - len(own)), len(other)) for other in others)[1]
        return min(1.0, math.exp(1 - nearest / len(own))) * math.exp(sum(logs) / len(logs))

    expected = sum(bleu(own, texts[:at] + texts[at + 1 :]) for at, own in enumerate(texts)) / len(texts)
    assert self_bleu(texts) == pytest.approx(expected)


def test_what_was_seen_is_known_and_nearly_nothing_else() -> None:
    seen = Seen(bits=20)
    numbers = [number_of(f"word {n}") for n in range(10_000)]
    assert seen.add(numbers, 1) >= 9_990  # two positions of a million: some 5 of 10,000 are taken for known
    assert seen.add(numbers, 1) == 0
    assert seen.add(numbers, 2) >= 9_900
    assert seen.add([numbers[0]] * 5, 3) == 1


def test_words_and_pairs_have_numbers_of_their_own() -> None:
    one = wording("Pay now, pay NOW")
    assert one.words == ["pay", "now", "pay", "now"]
    assert len(one.grams) == 4  # pay, now, pay now, now pay
    assert set(one.singles) & set(one.pairs) == set()
    assert one.grams == wording("pay now pay now").grams
