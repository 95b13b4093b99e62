"""Coefficients of agreement against published worked examples, values computed by hand, and what must hold of any."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from review.agreement import (
    Counts,
    Resampled,
    cohen_interval,
    cohen_kappa,
    count_labels,
    fleiss_interval,
    fleiss_kappa,
    krippendorff_alpha,
    krippendorff_interval,
    raw_agreement,
    raw_interval,
    reliability,
    resample_cohen,
    resample_krippendorff,
    strength,
)

FOURTEEN_RATERS: list[Counts] = [
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
]  # fmt: skip
"""The worked example of Wikipedia, "Fleiss' kappa": 10 items, 14 raters, 5 labels; mean of P_i .378, P_e .213, kappa .210."""

FOUR_CODERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
"""Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: 12 units, a dot is no answer; alpha .743."""

# Six items, five of them with two answers or more, by hand. Those have 13 answers: 8 a, 4 r, 1 u.
#   raw: 3 + 3 + 1 + 1 + 3 = 11 pairs, of which equal 3 + 1 + 0 + 1 + 1 = 6
#   D_o = (0/2 + 4/2 + 2/1 + 0/1 + 4/2) / 13 = 6/13; D_e = (13² - 8² - 4² - 1²) / (13 · 12) = 88/156
#   alpha = 1 - (6/13) / (88/156) = 1 - 72/88
#   Fleiss: three items with three answers; mean of P_i = (1 + 1/3 + 1/3) / 3 = 5/9; shares a 7/9, r 1/9, u 1/9: P_e = 51/81
#   kappa = (5/9 - 51/81) / (1 - 51/81) = (45 - 51) / 30 = -.2
UNEQUAL = ("aaa", "aar", "ar", "rr", "aau", "a")


def coders(lines: tuple[str, ...]) -> list[Counts]:
    """A table of a line per annotator and a column per item."""
    return count_labels([[label for label in item if label != "."] for item in zip(*lines, strict=True)])


def test_fleiss_kappa_of_the_worked_example() -> None:
    found = fleiss_kappa(FOURTEEN_RATERS)
    assert found.value == pytest.approx(0.210, abs=0.0005)
    assert found.items == 10


def test_krippendorffs_alpha_of_his_four_coders() -> None:
    found = krippendorff_alpha(coders(FOUR_CODERS))
    assert found.value == pytest.approx(0.743, abs=0.0005)
    assert found.items == 11  # one unit has a single answer


def test_krippendorffs_alpha_of_his_two_observers() -> None:
    """Example A of the same paper: binary data, ten units, alpha .095."""
    assert krippendorff_alpha(coders(("0100000010", "1110010000"))).value == pytest.approx(0.095, abs=0.0005)


def test_cohens_kappa_of_the_worked_example() -> None:
    """Wikipedia, "Cohen's kappa": 50 proposals, 20 and 15 alike, 5 and 10 not; p_o .7, p_e .5, kappa .4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs).value == pytest.approx(0.4)


def test_items_with_unequal_numbers_of_answers() -> None:
    table = count_labels(UNEQUAL)
    assert raw_agreement(table).value == pytest.approx(6 / 11)
    assert raw_agreement(table).items == 5
    assert krippendorff_alpha(table).value == pytest.approx(1 - 72 / 88)
    assert fleiss_kappa(table).value == pytest.approx(-0.2)
    assert fleiss_kappa(table).items == 3


def test_fleiss_takes_the_greater_of_two_numbers_of_answers_as_frequent() -> None:
    assert fleiss_kappa(count_labels(["aaa", "rrr", "ar", "ra"])).items == 2
    assert fleiss_kappa(count_labels(["aaa", "rrr", "ar", "ra"])).value == 1


def test_the_order_of_items_answers_and_labels_makes_no_difference() -> None:
    source = random.Random(3)
    items = [source.choices("aru", k=source.randint(1, 4)) for _ in range(40)]
    turned = [[{"a": "z", "r": "y", "u": "x"}[label] for label in reversed(labels)] for labels in reversed(items)]
    for statistic in (raw_agreement, fleiss_kappa, krippendorff_alpha):
        first, second = statistic(count_labels(items)), statistic(count_labels(turned))
        assert first.value == pytest.approx(second.value)


@pytest.mark.parametrize("statistic", [raw_agreement, fleiss_kappa, krippendorff_alpha])
def test_perfect_agreement_is_exactly_one(statistic: object) -> None:
    assert callable(statistic)
    assert statistic(count_labels(["aaa", "rrr", "aaa", "uuu"] * 7)).value == 1


def test_perfect_agreement_of_two_is_exactly_one() -> None:
    assert cohen_kappa([("a", "a"), ("r", "r"), ("u", "u")] * 7).value == 1


def test_two_who_never_agree() -> None:
    # p_o 0, p_e .5
    assert cohen_kappa([("a", "r"), ("r", "a")]).value == pytest.approx(-1)


@pytest.mark.parametrize("statistic", [fleiss_kappa, krippendorff_alpha])
def test_one_label_throughout_leaves_chance_nothing_to_compare(statistic: object) -> None:
    assert callable(statistic)
    found = statistic(count_labels(["aa", "aa", "aa"]))
    assert found.value is None
    assert found.why.startswith("all answers are the same")
    assert found.items == 3
    assert cohen_kappa([("a", "a")] * 3) == found


def test_raw_agreement_is_defined_with_one_label() -> None:
    assert raw_agreement(count_labels(["aa", "aa"])).value == 1


@pytest.mark.parametrize("table", [[], count_labels(["a", "r"]), count_labels(["", ""])])
def test_without_two_answers_to_an_item_nothing_is_defined(table: list[Counts]) -> None:
    for statistic in (raw_agreement, fleiss_kappa, krippendorff_alpha):
        found = statistic(table)
        assert (found.value, found.items, found.why) == (None, 0, "no item has two answers")
    assert krippendorff_interval(table) is None


def test_two_who_share_no_item() -> None:
    assert cohen_kappa([]).why == "no item was answered by both"
    assert cohen_interval([]) is None


# -- intervals --------------------------------------------------------------------------------------------------------


def noisy(items: int, answers: int, *, seed: int, noise: float = 0.2) -> list[Counts]:
    source = random.Random(seed)
    truth = [source.choice("aaaru") for _ in range(items)]
    return count_labels([[one if source.random() > noise else source.choice("aru") for _ in range(answers)] for one in truth])


def test_an_interval_is_the_same_for_the_same_seed() -> None:
    table = noisy(100, 3, seed=1)
    assert krippendorff_interval(table, seed=5) == krippendorff_interval(table, seed=5)
    assert krippendorff_interval(table, seed=5) != krippendorff_interval(table, seed=6)
    assert krippendorff_interval(table, seed=5) == krippendorff_interval(table[::-1], seed=5)


def test_the_interval_of_raw_agreement_of_two_is_that_of_a_share() -> None:
    """300 of 400 alike: the standard error of the share is √(.75 · .25 / 400) = .02165, the interval about ± 1.96 of it."""
    table = count_labels(["aa"] * 150 + ["rr"] * 150 + ["ar"] * 100)
    interval = raw_interval(table)
    assert interval is not None
    assert interval.low == pytest.approx(0.75 - 1.96 * 0.02165, abs=0.006)
    assert interval.high == pytest.approx(0.75 + 1.96 * 0.02165, abs=0.006)


def test_intervals_hold_the_true_value_as_often_as_they_say() -> None:
    """Two answers, each the truth with .8, else another of the two labels: alpha is 1 - .32 / .5 = .36 in the long run."""
    held = 0
    for seed in range(100):
        source = random.Random(seed)
        items = []
        for _ in range(150):
            truth, other = source.sample("ar", 2)
            items.append([truth if source.random() < 0.8 else other for _ in range(2)])
        interval = krippendorff_interval(count_labels(items), seed=seed, resamples=200)
        assert interval is not None
        held += interval.low <= 0.36 <= interval.high
    assert 88 <= held <= 99


def test_two_thousand_items_by_three_people_take_less_than_three_seconds() -> None:
    table = noisy(2000, 3, seed=2)
    began = time.process_time()
    interval, fleiss = krippendorff_interval(table), fleiss_interval(table)
    assert time.process_time() - began < 3
    assert interval is not None
    assert fleiss is not None
    value = krippendorff_alpha(table).value
    assert value is not None
    assert interval.low < value < interval.high
    assert interval.high - interval.low < 0.1
    assert interval.resamples == 1000


def test_undefined_resamples_are_counted_and_left_out() -> None:
    found = krippendorff_interval(count_labels(["aa"] * 46 + ["rr"] * 3 + ["ar"]), resamples=1000)
    assert found is not None
    assert 0 < found.undefined < 50  # (46/50)⁵⁰ = .015 hold no `r`
    assert found.low < found.high


def test_no_interval_where_many_resamples_are_undefined() -> None:
    found = resample_krippendorff(count_labels(["aa"] * 9 + ["ar"]), resamples=500)  # (9/10)¹⁰ = .35 hold no `r`
    assert found.interval is None
    assert "% of the resamples: a label is too rare" in found.why


@pytest.mark.parametrize("items", [["aa"] * 30 + ["rr"] * 30, ["ar"] * 30])
def test_no_interval_of_no_width(items: list[str]) -> None:
    """That 60 agree without exception does not make it certain that all will."""
    assert resample_krippendorff(count_labels(items)) == Resampled(None, "every resample comes to the same")
    assert krippendorff_interval(count_labels(items)) is None
    pairs = [(both[0], both[1]) for both in items]
    assert resample_cohen(pairs).interval is None


def test_no_interval_of_what_is_not_defined_itself() -> None:
    assert resample_krippendorff(count_labels(["aa"] * 50)).why == krippendorff_alpha(count_labels(["aa"] * 50)).why
    assert resample_krippendorff(count_labels(["ar"])) == Resampled(None, "too few items")


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (1.0, "reliable"),
        (0.8, "reliable"),
        (0.799, "for tentative conclusions only"),
        (0.667, "for tentative conclusions only"),
        (0.6669, "not reliable"),
        (-0.2, "not reliable"),
    ],
)
def test_krippendorffs_bounds_in_words(alpha: float, words: str) -> None:
    assert reliability(alpha) == words


@pytest.mark.parametrize(
    ("kappa", "word"),
    [(-0.01, "poor"), (0, "slight"), (0.2, "slight"), (0.21, "fair"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"),
     (0.81, "almost perfect"), (1, "almost perfect")],
)  # fmt: skip
def test_the_words_of_landis_and_koch(kappa: float, word: str) -> None:
    assert strength(kappa) == word


def test_counting_keeps_every_answer() -> None:
    assert Counter(count_labels(["ra", "ar", "uu"])) == {(1, 1, 0): 2, (0, 0, 2): 1}


def test_many_items_are_drawn_kind_by_kind_with_the_same_spread() -> None:
    """6,000 pairs, .75 of them alike: a standard error of √(.75 · .25 / 6,000) = .00559; as many as are drawn one by one have
    an interval wider by √(6,000 / 4,800). A bound found by 1,000 resamples is off by .08 standard errors or so."""
    many, few = (count_labels(["aa"] * (3 * n) + ["rr"] * (3 * n) + ["ar"] * (2 * n)) for n in (750, 600))
    for table, error in ((many, 0.00559), (few, 0.00559 * (6000 / 4800) ** 0.5)):
        interval = raw_interval(table)
        assert interval is not None
        assert interval.low == pytest.approx(0.75 - 1.96 * error, abs=error * 0.3)
        assert interval.high == pytest.approx(0.75 + 1.96 * error, abs=error * 0.3)
