"""The parts that need no screen: pace, status line, word diff, safe text, changes by others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.project import Project
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from tui.screens import review_changes
from tui.screens.review_pace import LONGEST_PAUSE_S, Pace
from tui.widgets.plain import one_line, printable
from tui.widgets.rephrasing_list import fit
from tui.widgets.status_line import Status, duration, line
from tui.widgets.word_diff import diff, diff_content


def test_pace_ignores_long_pauses() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(5):
        assert pace.per_minute is None
        pace.record()
        now[0] += 3
    assert pace.per_minute == pytest.approx(20)
    assert pace.eta_minutes(100) is None  # five decisions say little of the hours that thousands will take
    now[0] += 3600
    pace.record()
    assert pace.per_minute == pytest.approx(5 / (12 + LONGEST_PAUSE_S) * 60)
    pace.record(1_000)
    assert pace.session == 1_006
    assert pace.per_minute == pytest.approx(5 / (12 + LONGEST_PAUSE_S) * 60)


def test_an_eta_is_told_after_twenty_decisions() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(20):
        assert pace.eta_minutes(100) is None
        pace.record()
        now[0] += 3
    assert pace.eta_minutes(100) == pytest.approx(5)


def test_pace_never_goes_below_nothing() -> None:
    pace = Pace()
    pace.take_back(5)
    assert pace.session == 0


@pytest.mark.parametrize(("minutes", "text"), [(0.2, "<1m"), (12.4, "12m"), (185, "3h 05m"), (3120, "2d 4h")])
def test_durations(minutes: float, text: str) -> None:
    assert duration(minutes) == text


@pytest.mark.parametrize("width", range(1, 140, 7))
def test_the_status_line_drops_what_is_needed_least(width: int) -> None:
    status = Status(1_000_000, 654_321, 1_234, 31.4, 20_838, "flow:renew_loan state:open", "", 12, "12:01:03")
    shown = line(status, width)
    assert shown.cell_length <= width
    if width > 75:
        for needed in ("345,679 done", "654,321 left", "range 12", "/flow:renew_loan"):
            assert needed in shown.plain


def test_a_wide_status_line_shows_all() -> None:
    shown = line(Status(100, 40, 7, 30, 1.3, "renew", "", 0, "12:01:03"), 120).plain
    assert shown.startswith("━━━━━━────   60 done / 40 left   session 7   30/min   ETA 1m")
    assert shown.endswith("/renew   saved 12:01:03")


def test_a_wide_status_line_shows_a_long_filter() -> None:
    text = "state:undecided -verdict:ambiguous"
    assert f"/{text}" in line(Status(100, 40, 7, filter_text=text), 120).plain
    assert "/state:undecided -verdict:ambig.." in line(Status(100, 40, 7, filter_text=text), 80).plain


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("renew my book", "return my book", "[renew] my book", "{return} my book"),
        ("book", "book, please", "book", "book{, please}"),
        ("pay 50 euros", "pay 55 euros", "pay [50] euros", "pay {55} euros"),
        ("我想续借这本书", "请帮我续借一下这本书，谢谢", "[我想]续借这本书", "{请帮我}续借{一下}这本书{，谢谢}"),
        ("same", "same", "same", "same"),
        ("", "new", "", "{new}"),
        ("it's mine", "it’s mine", "[it's] mine", "{it’s} mine"),
        ("mail joe@x.com now", "mail ann@x.com now", "mail [joe@x.com] now", "mail {ann@x.com} now"),
        ("say [bold]", "say {x}", "say [[bold]]", "say {{x}}"),
    ],
)
def test_word_diff(old: str, new: str, before: str, after: str) -> None:
    left, right = diff_content(old, new)
    assert (left.plain, right.plain) == (before, after)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_diff_loses_nothing(old: str, new: str) -> None:
    left, right = diff(old, new)
    assert "".join(piece.text for piece in left) == old
    assert "".join(piece.text for piece in right) == new


def test_a_diff_of_huge_texts_is_quick() -> None:
    old, new = "a b " * 5_000, "c d " * 5_000
    left, _ = diff(f"start {old}", f"start {new}")
    assert left[0].text.startswith("start ")
    assert not left[0].changed


@given(st.text(max_size=60))
def test_no_control_character_is_shown(text: str) -> None:
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in one_line(text))
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in printable(text) if char not in "\n\t")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me", "Cf"]), max_size=60), st.integers(0, 40))
def test_fit_fills_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width


def test_changes_are_those_of_others(library: Project) -> None:
    connection = library.open()
    log = DecisionLog(connection, "maria", "cli")
    seen = review_changes.latest_decision(connection)
    log.decide([1, 2], Decision.ACCEPT)
    changes = review_changes.changes_since(connection, seen)
    assert changes.states == {1: State.ACCEPT, 2: State.ACCEPT}
    log.undo()
    changes = review_changes.changes_since(connection, changes.seen)
    assert changes.states == {1: State.UNDECIDED, 2: State.UNDECIDED}
    log.decide([5], Decision.ACCEPT)
    log.correct(2, '[["cancel flow"]]')
    changes = review_changes.changes_since(connection, changes.seen)
    assert changes.states == {5: State.STALE, 6: State.UNDECIDED, 7: State.UNDECIDED}
    log.add(2, "by hand")
    assert review_changes.changes_since(connection, changes.seen).reload
    connection.close()


def test_very_many_changes_mean_reading_again(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_changes, "MOST", 3)
    connection = library.open()
    DecisionLog(connection, "maria", "cli").decide([1, 2, 3, 4], Decision.ACCEPT)
    assert review_changes.changes_since(connection, 0).reload
    connection.close()
