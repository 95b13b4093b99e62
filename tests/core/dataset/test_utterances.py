from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.likeness import Wording, grams, looks_alike, says_the_same, wording_of
from core.dataset.utterances import Utterance, UtteranceClasses, classify

THRESHOLD = 0.8


def classes_of(texts: Sequence[str], threshold: float = THRESHOLD) -> UtteranceClasses:
    """All in one state."""
    return classify([Utterance(item, b"state", text) for item, text in enumerate(texts)], len(texts), threshold)


class Brute:
    """Every pair, by the rules."""

    def __init__(self, texts: Sequence[str], states: Sequence[bytes] | None = None) -> None:
        self.texts, self.states = texts, states or [b""] * len(texts)
        self.wordings = [wording_of(text, THRESHOLD) for text in texts]
        self.grams = [None if one.form == "short" else grams(one.plain, one.form) for one in self.wordings]

    def key(self, at: int) -> tuple[bytes, Wording]:
        return self.states[at], self.wordings[at]

    def look_alike(self, one: int, other: int) -> bool:
        if self.key(one) == self.key(other):
            return True
        first, second = self.wordings[one], self.wordings[other]
        ours, theirs = self.grams[one], self.grams[other]
        if ours is None or theirs is None or self.states[one] != self.states[other]:
            return False
        if (first.form, first.values) != (second.form, second.values):
            return False
        return looks_alike(ours, theirs, THRESHOLD)

    def are_duplicates(self, one: int, other: int) -> bool:
        first, second = self.wordings[one], self.wordings[other]
        if self.key(one) == self.key(other):
            return True
        shown = (self.texts[one], self.texts[other])
        return self.look_alike(one, other) and says_the_same(first.plain, second.plain, shown)

    def representative(self, at: int) -> int:
        return next(other for other in range(at + 1) if self.key(other) == self.key(at))

    def leaders(self) -> list[int]:
        found: list[int] = []
        for at in range(len(self.texts)):
            first = self.representative(at)
            if first != at:
                found.append(found[first])
            else:
                leads = (other for other in range(at) if found[other] == other and self.are_duplicates(other, at))
                found.append(next(leads, at))
        return found

    def components(self) -> list[int]:
        of = list(range(len(self.texts)))
        for one, other in combinations(range(len(self.texts)), 2):
            if of[one] != of[other] and self.look_alike(one, other):
                low, high = sorted((of[one], of[other]))
                of = [low if root == high else root for root in of]
        return of


_WORDS = "please the can I collect my reservation resevration tomorrow in Basel Bern for two people not and @anna 20 -20 €"
WORDS = _WORDS.split()
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
BASE = "could you tell me whether the reservation for my colleague is still free at the counter tomorrow"


@st.composite
def variants(draw: st.DrawFn) -> str:
    """A long sentence with a word or two more, less or changed."""
    words = BASE.split()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(words) - 1))
        words[at : at + draw(st.integers(0, 1))] = [draw(st.sampled_from([*WORDS, "colleague,", "CoLLeague", "collegaue"]))]
    return " ".join(words)


TEXTS = st.lists(st.one_of(SENTENCES, variants(), st.text(max_size=12)), min_size=1, max_size=16)


@given(TEXTS, st.data())
def test_few_messages_are_classed_as_by_comparing_every_pair(texts: list[str], data: st.DataObject) -> None:
    states = data.draw(st.lists(st.sampled_from([b"a", b"b"]), min_size=len(texts), max_size=len(texts)))
    order = data.draw(st.permutations(range(len(texts))))
    found = classify([Utterance(item, states[item], texts[item]) for item in order], len(texts), THRESHOLD)
    brute = Brute(texts, states)
    items = range(len(texts))
    assert [found.alike(item) for item in items] == brute.leaders()
    assert [found.joined(item) for item in items] == brute.components()


@given(st.lists(variants(), min_size=17, max_size=40))
def test_every_message_of_a_class_is_a_duplicate_of_its_first(texts: list[str]) -> None:
    found, brute = classes_of(texts), Brute(texts)
    assert [found.alike(item) for item in range(len(texts))] == brute.leaders()
    for item in range(len(texts)):
        leader = found.alike(item)
        assert leader <= item
        assert found.alike(leader) == leader
        assert brute.are_duplicates(leader, brute.representative(item))
        assert found.joined(item) == found.joined(leader) <= leader
        assert found.joined(found.joined(item)) == found.joined(item)


@given(st.lists(st.one_of(SENTENCES, variants()), min_size=1, max_size=20))
def test_at_a_threshold_of_one_only_equal_texts_are_classed_together(texts: list[str]) -> None:
    found = classes_of(texts, 1)
    wordings = [wording_of(text, 1) for text in texts]
    for item, wording in enumerate(wordings):
        assert found.alike(item) == found.joined(item) == wordings.index(wording)


def test_items_that_were_not_given_are_alone() -> None:
    found = classify([Utterance(3, b"s", "yes"), Utterance(1, b"s", "Yes!")], 6, THRESHOLD)
    assert [found.alike(item) for item in range(6)] == [0, 1, 2, 1, 4, 5]
    assert [found.joined(item) for item in range(6)] == [0, 1, 2, 1, 4, 5]
    assert classify([], 0, THRESHOLD)


def test_an_item_may_come_twice_but_not_with_another_text_or_state() -> None:
    one = Utterance(0, b"s", BASE)
    assert classify([one, one, Utterance(1, b"s", "please " + BASE), one], 2, THRESHOLD).alike(1) == 0
    for other in (Utterance(0, b"t", BASE), Utterance(0, b"s", "yes")):
        with pytest.raises(ValueError, match="item 0 was given with two states or texts"):
            classify([one, other], 1, THRESHOLD)


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_the_threshold_is_a_share(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        classify([], 0, threshold)


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    utterances = (Utterance(item, b"s", f"{BASE} with the number {item}") for item in range(10_500))
    classify(utterances, 10_500, THRESHOLD, lambda *state: told.append(state))
    assert told == [("comparing messages", 10_000, 10_500), ("comparing messages", 10_500, 10_500)]


SYLLABLES = "ba do ri ken mol ta shu ver lin gar po est um fi cra"


def made_up(count: int, seed: int) -> list[str]:
    """Sentences of a small vocabulary and their variants, one letter or word away or two."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES.split(), k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(300)]
    texts = [" ".join(chance.choices(words, k=chance.randint(8, 16))) for _ in range(count // 8)]
    while len(texts) < count:
        varied = chance.choice(texts[: count // 8]).split()
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(varied))
            letter = chance.randrange(len(varied[at]))
            varied[at : at + 1] = chance.choice(
                ([], [varied[at], "please"], [varied[at][:letter] + chance.choice("abcxyz") + varied[at][letter + 1 :]])
            )
        texts.append(" ".join(varied))
    chance.shuffle(texts)
    return texts


def recall(texts: Sequence[str]) -> tuple[int, float]:
    """How many pairs look alike, and the share of them that is joined; of duplicates none may be missing."""
    found, brute = classes_of(texts), Brute(texts)
    blocks: dict[tuple[str, str], list[int]] = {}
    for item, one in enumerate(brute.wordings):
        blocks.setdefault((one.form, one.values), []).append(item)
    pairs = [pair for block in blocks.values() for pair in combinations(block, 2) if brute.look_alike(*pair)]
    assert all(found.alike(a) != a or found.alike(b) != b for a, b in pairs if brute.are_duplicates(a, b))
    joined = sum(found.joined(one) == found.joined(other) for one, other in pairs)
    components: dict[int, set[int]] = {}
    for item in range(len(texts)):
        components.setdefault(found.joined(item), set()).add(item)
    alike = {frozenset(pair) for pair in pairs}
    for members in components.values():  # nothing is joined that is not linked
        reached = {min(members)}
        while more := {b for b in members - reached if any(frozenset((a, b)) in alike for a in reached)}:
            reached |= more
        assert reached == members
    return len(pairs), joined / len(pairs)


def test_minhash_finds_the_pairs_that_look_alike_in_a_large_state() -> None:
    pairs, found = recall(made_up(800, seed=5))
    assert pairs > 400
    assert found >= 0.99


@pytest.mark.slow
@pytest.mark.data
def test_minhash_finds_the_pairs_among_variants_of_real_messages(test_data: Path) -> None:
    rows = (test_data / "gold" / "rephrasings.jsonl").read_text("utf-8").splitlines()
    texts = [one["text"] for row in map(json.loads, rows) for one in row["rephrasings"]]
    chance = random.Random(1)
    while len(texts) < 5_000:
        words = chance.choice(texts[:400]).split()
        words.insert(chance.randrange(len(words)), chance.choice(("please", "just", "also", "today", "the")))
        texts.append(" ".join(words))
    pairs, found = recall(texts)
    assert pairs > 2_000
    assert found >= 0.99


def test_a_state_of_many_messages_that_are_nearly_all_alike_takes_no_time() -> None:
    chance = random.Random(3)
    texts = []
    for _ in range(3_000):
        words = BASE.split()
        words.insert(chance.randrange(len(words)), chance.choice(("please", "just", "the", "a")))
        texts.append(" ".join(words))
    found = classes_of(texts)
    assert len({found.joined(item) for item in range(3_000)}) == 1
    assert len({found.alike(item) for item in range(3_000)}) < 30
