"""The filter line: which rephrasings and conversations each matches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.commands import to_json
from core.commands.models import CancelFlow, Clarify, SetSlot, StartFlow
from core.errors import UsageError
from core.store.browse import conversation_ids
from review import queue
from review.decisions import DecisionLog
from review.filters import KEYS, TEAM_OUTCOMES, Filter, Term, parse_filter
from review.models import Decision
from review.team.models import Outcome, Say
from tests.review.conftest import in_memory
from tests.review.small import Step, add_conversation
from tests.review.team.small_round import hand_out

LOANS, FINES, CHINESE = 1, 2, 3


@pytest.fixture(scope="module")
def library(template: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Three conversations; rephrasings 1-4 (loans), 5-8 (fines), 9-11 (Chinese and German)."""
    connection = in_memory(template)
    for trigger in ("decision_is_append_only", "decision_is_never_deleted"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation"):
        connection.execute(f"DELETE FROM {table}")
    renew = to_json([StartFlow("renew_loan"), SetSlot("loan_title", "Harbour Birds")])
    add_conversation(
        connection,
        [
            Step("renew my book", [("please renew it", "same"), ("return it", "different")], commands=renew),
            Step("the due date?", [("100% sure it's due?", "ambiguous"), ("when is it due", None)], commands=None),
        ],
        file="e2e_tests/loans.yml",
        name="renew a loan",
    )
    add_conversation(
        connection,
        [
            Step(
                "pay my fine_1",
                [
                    ("pay the fine", "same"),
                    ("a fine\\day", "same"),
                    ("forget it", "different"),
                    ("fineX1", None),
                ],
                commands=to_json([Clarify(("pay_fine", "renew_loan")), CancelFlow()]),
            )
        ],
        file="e2e_tests/fines_and_cards.yml",
        name="pay 100_fines",
    )
    add_conversation(
        connection,
        [
            Step(
                "我想续借",
                [("请帮我续借这本书", "same"), ("Öffnungszeiten in GRÖSSE", None), ("Привет, мир", None)],
                commands=to_json([SetSlot("zweigstelle", "Köln")]),
            )
        ],
        file="e2e_tests/zh/续借.yml",
        name="10:30 Uhr",
    )
    anna, bo = DecisionLog(connection, "anna", "app"), DecisionLog(connection, "bo-lin", "cli")
    anna.decide([1, 2], Decision.ACCEPT)
    bo.decide([2], Decision.REJECT)
    anna.decide([5], Decision.SKIP)
    anna.decide([6], Decision.FLAG)
    bo.decide([9], Decision.ACCEPT)
    bo.correct(
        connection.execute("SELECT step_id FROM rephrasing WHERE id = 9").fetchone()[0], to_json([StartFlow("renew_loan")])
    )
    anna.edit(7, "drop it")
    yield connection
    connection.close()


def rephrasings(connection: sqlite3.Connection, text: str) -> list[int]:
    return list(queue.load(connection, parse_filter(text)).ids)


def conversations(connection: sqlite3.Connection, text: str) -> list[int]:
    return list(conversation_ids(connection, *parse_filter(text).for_conversations()))


ALL = list(range(1, 12))
TABLE = [
    # text: the rephrasing as it stands, or the original
    ("", ALL, [LOANS, FINES, CHINESE]),
    ("renew", [1, 2], [LOANS]),
    ("RENEW", [1, 2], [LOANS]),
    ("due", [3, 4], [LOANS]),
    ('"is it due"', [4], [LOANS]),
    ("is it due", [4], [LOANS]),
    ("-due", [1, 2, 5, 6, 7, 8, 9, 10, 11], [FINES, CHINESE]),
    ("!due", [1, 2, 5, 6, 7, 8, 9, 10, 11], [FINES, CHINESE]),
    ("forget", [], []),  # edited away
    ("drop", [7], [FINES]),
    ("text:drop", [7], [FINES]),
    ('text:"drop it"', [7], [FINES]),
    ("续借", [9, 10, 11], [CHINESE]),
    ("请帮我", [9], [CHINESE]),
    # the wildcards of LIKE, quotes and backslashes are nothing special
    ("100%", [3], [LOANS]),
    ("%", [3], [LOANS]),
    ("fine_1", [5, 6, 7, 8], [FINES]),
    ("the_fine", [], []),
    ("fine\\day", [6], [FINES]),
    ("it's", [3], [LOANS]),
    ("' OR 1=1 --", [], []),
    # other alphabets ignore case too
    ("öffnungszeiten", [10], [CHINESE]),
    ("größe", [10], [CHINESE]),
    ("GRÖSSE", [10], [CHINESE]),
    ("grösse", [10], [CHINESE]),
    ("привет", [11], [CHINESE]),
    ("МИР", [11], [CHINESE]),
    # an unknown key is text
    ("10:30", [], [CHINESE]),
    ("http://x", [], []),
    ("-text:-due", ALL, [LOANS, FINES, CHINESE]),
    # flows: of the commands in force
    ("flow:renew_loan", [1, 2, 5, 6, 7, 8, 9, 10, 11], [LOANS, FINES, CHINESE]),
    ("flow:pay", [5, 6, 7, 8], [FINES]),
    ("flow:renewXloan", [], []),
    ("-flow:pay", [1, 2, 3, 4, 9, 10, 11], [LOANS, CHINESE]),
    ("flow:", [1, 2, 5, 6, 7, 8, 9, 10, 11], [LOANS, FINES, CHINESE]),
    # commands, however they are written
    ("command:StartFlow", [1, 2, 9, 10, 11], [LOANS, CHINESE]),
    ('command:"start flow"', [1, 2, 9, 10, 11], [LOANS, CHINESE]),
    ("command:start_flow", [1, 2, 9, 10, 11], [LOANS, CHINESE]),
    ("cmd:SetSlot", [1, 2], [LOANS]),
    ('command:"set slot loan_title harbour"', [1, 2], [LOANS]),
    ("command:clarify", [5, 6, 7, 8], [FINES]),
    ("command:CancelFlow", [5, 6, 7, 8], [FINES]),
    ("command:%", [], []),
    ("-command:flow", [3, 4], []),
    # where it stands
    ("file:loans", [1, 2, 3, 4], [LOANS]),
    ("file:e2e_tests/zh", [9, 10, 11], [CHINESE]),
    ("file:续借.yml", [9, 10, 11], [CHINESE]),
    ("-file:loans", [5, 6, 7, 8, 9, 10, 11], [FINES, CHINESE]),
    ("test:RENEW", [1, 2, 3, 4], [LOANS]),
    ("test:10:30", [9, 10, 11], [CHINESE]),
    ("test:100_", [5, 6, 7, 8], [FINES]),
    ("test:1000", [], []),
    # state; of a conversation: that of any of its rephrasings
    ("state:accept", [1, 7], [LOANS, FINES]),
    ("state:reject", [2], [LOANS]),
    ("STATE:Reject", [2], [LOANS]),
    ("state:sk", [5], [FINES]),
    ("state:flag", [6], [FINES]),
    ("state:stale", [9], [CHINESE]),
    ("state:undecided", [3, 4, 8, 10, 11], [LOANS, FINES, CHINESE]),
    ("state:open", [3, 4, 8, 9, 10, 11], [LOANS, FINES, CHINESE]),
    ("-state:open", [1, 2, 5, 6, 7], []),
    ("state:accept state:reject", [], [LOANS]),
    # verdicts; those without one are not `same`
    ("verdict:same", [1, 5, 6, 9], [LOANS, FINES, CHINESE]),
    ("-verdict:same", [2, 3, 4, 7, 8, 10, 11], []),
    ("verdict:none", [4, 8, 10, 11], [LOANS, FINES, CHINESE]),
    ("-verdict:none", [1, 2, 3, 5, 6, 7, 9], []),
    ("verdict:diff", [2, 7], [LOANS, FINES]),
    # who decided; what nobody decided was not decided by anna
    ("by:anna", [1, 5, 6, 7], [LOANS, FINES]),
    ("-by:anna", [2, 3, 4, 8, 9, 10, 11], [CHINESE]),
    ("by:bo", [2, 9], [LOANS, CHINESE]),
    ("reviewer:BO-LIN", [2, 9], [LOANS, CHINESE]),
    ("by:b%", [], []),
    ("edited:yes", [7], [FINES]),
    ("edited:no", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11], [LOANS, FINES, CHINESE]),
    ("-edited:yes", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11], [LOANS, CHINESE]),
    # together
    ("file:loans -state:reject due", [3, 4], []),
    ("flow:renew_loan verdict:same -by:anna", [9], [CHINESE]),
    ("-renew -fine -due", [9, 10, 11], [CHINESE]),
]


@pytest.mark.parametrize(("text", "expected", "_"), TABLE, ids=[text or "(empty)" for text, _, _ in TABLE])
def test_rephrasings_that_match(library: sqlite3.Connection, text: str, expected: list[int], _: list[int]) -> None:
    assert rephrasings(library, text) == expected


@pytest.mark.parametrize(("text", "_", "expected"), TABLE, ids=[text or "(empty)" for text, _, _ in TABLE])
def test_conversations_that_match(library: sqlite3.Connection, text: str, _: list[int], expected: list[int]) -> None:
    assert conversations(library, text) == expected


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ('state:open "due date', 'the filter `state:open "due date` has an open quote', 'Close it with `"`.'),
        ("state:done", "unknown state `done`", "Known: undecided, accept, reject, skip, flag, stale, open."),
        ("state:", "unknown state ``", "Known: undecided, "),
        ("state:s", "unknown state `s`", "skip, flag, stale"),  # two begin so
        ("-verdict:Wrong", "unknown verdict `Wrong`", "Known: same, different, ambiguous, none."),
        ("foo:bar", "unknown key `foo:` in the filter", "Known: text, flow, command, "),
        ("-colour:red", "unknown key `colour:` in the filter", "`text:colour:red` looks for the words."),
        ("foo：bar", "unknown key `foo:` in the filter", "Known: "),
        ("edited:maybe", "unknown edited `maybe`", "Known: yes, no."),
        ("ambiguity:0.6", "unknown ambiguity `0.6`", "Write `ambiguity:>0.6`"),
        ("ambiguity:>high", "unknown ambiguity `>high`", "Write `ambiguity:>0.6`"),
        ("ambiguity:", "unknown ambiguity ``", "Write `ambiguity:>0.6`"),
        ("team:done", "unknown team `done`", "Known: sent, none, open, disagree, conflict, resolved."),
        ("a " * 101, "the filter is too long", "at most 100 terms"),
        ("a" * 4_001, "the filter is too long", "at most 100 terms"),
    ],
)
def test_a_filter_that_means_nothing_is_an_error_with_a_remedy(text: str, what: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_filter(text)
    assert what in raised.value.what
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("due date", [Term("text", "due"), Term("text", "date")]),
        ('-flow:"renew loan"', [Term("flow", "renew loan", True)]),
        ("FLOW:x cmd:y", [Term("flow", "x"), Term("command", "y")]),
        ("-", [Term("text", "-")]),
        ("!", [Term("text", "!")]),
        ("--due", [Term("text", "-due", True)]),
        ("text:flow:x", [Term("text", "flow:x")]),
        ("text:foo:bar", [Term("text", "foo:bar")]),
        ("flow：pay_fine", [Term("flow", "pay_fine")]),
        ("时间：八点", [Term("text", "时间：八点")]),
        ("10:30 http://x hello: me_2:x", [Term("text", word) for word in ("10:30", "http://x", "hello:", "me_2:x")]),
        ("a\\b # c", [Term("text", "a\\b"), Term("text", "#"), Term("text", "c")]),
        ('""', [Term("text", "")]),
        ("don't", [Term("text", "don't")]),
        ("half \ud83d", [Term("text", "half"), Term("text", "\ufffd")]),
    ],
)
def test_terms_of_a_line(text: str, terms: list[Term]) -> None:
    assert parse_filter(text) == Filter(tuple(terms))


SCORES = {1: 0.0, 2: 0.2, 3: 0.6, 4: 0.61, 5: 1.0}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ambiguity:>0.6", [4, 5]),
        ("ambiguity:>=0.6", [3, 4, 5]),
        ("ambiguity:<0.2", [1]),
        ("ambiguity:<=.2", [1, 2]),
        ("ambiguity:>1", []),
        ("ambiguity:None", [6, 7]),
        ("-ambiguity:>0.6", [1, 2, 3, 6, 7]),
        ("ambiguity:>0.1 ambiguity:<0.61", [2, 3]),
    ],
)
def test_scores_are_compared(small: sqlite3.Connection, text: str, wanted: list[int]) -> None:
    small.executemany("INSERT INTO ambiguity (rephrasing_id, score, fingerprint) VALUES (?, ?, '')", SCORES.items())
    assert rephrasings(small, text) == wanted
    assert conversations(small, text) == ([1] if wanted and text[0] != "-" else [])


OUTCOMES = ["waiting", "accept", "reject", "adjudicated", "disagree", "conflict"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("team:sent", [1, 2, 3, 4, 5, 6]),
        ("team:none", [7]),
        ("team:open", [1]),
        ("team:resolved", [2, 3, 4]),
        ("team:dis", [5]),
        ("team:conflict", [1, 6]),
        ("-team:conflict", [2, 3, 4, 5, 7]),
    ],
)
def test_what_the_team_came_to(small: sqlite3.Connection, text: str, wanted: list[int]) -> None:
    for name in ("first", "second"):
        small.execute(
            "INSERT INTO team_round (name, surface, at, reviewer, overlap) VALUES (?, 'pack', '2026-01-01', 'x', 2)", (name,)
        )
    records = [*((1, number, outcome) for number, outcome in enumerate(OUTCOMES, start=1)), (2, 1, "conflict")]
    small.executemany(
        "INSERT INTO team_record (round_id, rephrasing_id, external_id, text, basis, outcome) VALUES (?1, ?2, ?2, '', '', ?3)",
        records,
    )
    DecisionLog(small, "anna", "app").decide([4], Decision.ACCEPT)  # without it, it is adjudicated no longer
    assert rephrasings(small, text) == wanted


def test_what_was_decided_here_since_is_not_waiting_for_a_person(small: sqlite3.Connection, anna: DecisionLog) -> None:
    hand_out(small, [1, 2]).all_say({"ann": Say.ACCEPT, "bob": Say.REJECT})
    assert rephrasings(small, "team:disagree") == [1]
    anna.decide([1], Decision.REJECT)
    assert (rephrasings(small, "team:disagree"), rephrasings(small, "team:resolved")) == ([], [1])
    anna.undo()
    assert rephrasings(small, "team:disagree") == [1]


def test_each_outcome_of_the_team_is_found_by_a_word_or_is_out_of_date() -> None:
    assert {outcome for outcomes in TEAM_OUTCOMES.values() for outcome in outcomes} | {"outdated"} == set(Outcome)


def test_an_empty_line_is_no_filter() -> None:
    assert not parse_filter("  ")
    assert parse_filter("x")


_WORD = st.text(max_size=12)
_LINES = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.builds(
            lambda sign, key, value, quote: f"{sign}{quote}{key}:{value}{quote}",
            st.sampled_from(["", "-", "!"]),
            st.sampled_from([*KEYS, "cmd", "x"]),
            st.one_of(
                _WORD,
                st.sampled_from(["open", "same", ">0.5", "<=.1", "conflict", "yes", "%", "_", "\\", "'", "no", "a" * 3_000]),
            ),
            st.sampled_from(["", '"']),
        ),
        max_size=6,
    ).map(" ".join),
)


@given(line=_LINES)
@example(line="%" * 4_000)
@example(line="ΐ" * 4_000)
@example(line="a " * 100)
@example(line="-é " * 100)
@example(line="\0")
@example(line="\udcff")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_line_gives_a_filter_that_runs_or_a_usage_error(library: sqlite3.Connection, line: str) -> None:
    try:
        parse_filter(line)
    except UsageError:
        return
    assert set(rephrasings(library, line)) <= set(ALL)
    assert set(conversations(library, line)) <= {LOANS, FINES, CHINESE}


@given(value=st.text(st.characters(exclude_characters='"', exclude_categories=("Cs", "Cc")), min_size=1, max_size=20))
@example(value="100%")
@example(value="a_b\\c")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_quoted_text_finds_itself_and_a_negated_one_all_others(template: sqlite3.Connection, value: str) -> None:
    connection = in_memory(template)
    connection.execute("UPDATE rephrasing SET text = ? WHERE id = 3", (f"say {value} again",))
    found, others = rephrasings(connection, f'text:"{value}"'), rephrasings(connection, f'-text:"{value}"')
    assert 3 in found
    assert sorted(found + others) == [1, 2, 3, 4, 5, 6, 7]
    connection.close()
