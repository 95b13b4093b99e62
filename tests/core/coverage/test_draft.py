"""Drafts: skeletons of tests that go the shortest way, checked with the engine, and readable by everything here."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.assistant.models import Assistant
from core.commands import Dialect
from core.conversations.models import FileKind, TestFile
from core.conversations.reading import read_bytes
from core.coverage.build import Measured, measure
from core.coverage.draft import choose, draft_files, write_drafts
from core.coverage.report import SlotValue, Way, WayMessage
from core.coverage.walk import Walk, walk
from core.dialogue.compat import compat
from core.dialogue.engine import Engine
from core.dialogue.turn import StepVisit
from core.errors import UsageError


@pytest.fixture
def measured(assistant: Assistant) -> Measured:
    """Of no tests at all."""
    version = compat("3.12")
    return measure(assistant, version, Dialect.V2, [], engine=Engine(assistant, version))


def test_every_step_nobody_reaches_has_a_way_that_the_engine_goes(measured: Measured) -> None:
    assert measured.report.missing() == measured.report.steps == 10
    assert {way.checked for way in measured.report.ways} == {"reached"}


def test_few_drafts_reach_all_steps(measured: Measured) -> None:
    chosen = choose(measured.walks)
    passed = {visit for one in chosen for visit in one.visits}
    assert {StepVisit(one.way.flow, one.way.step) for one in measured.walks} <= passed
    assert len(chosen) == 3


def test_a_draft_is_a_test_with_commands_fixtures_stubs_and_replies(measured: Measured, assistant: Assistant) -> None:
    text = draft_files(measured.walks, assistant.responses)["greet_member.yml"].decode()
    assert text.startswith("# Drafted by")
    assert text.split("\n", 3)[3] == (
        "fixtures:\n"
        "- for_greet_member_2_utter_points:\n"
        "  - is_member: true\n"
        "stub_custom_actions:\n"
        "  reach greet_member 2_utter_points::action_book:\n"
        "    events: []\n"
        "    responses: []\n"
        "test_cases:\n"
        "- test_case: reach greet_member 2_utter_points\n"
        "  fixtures:\n"
        "  - for_greet_member_2_utter_points\n"
        "  steps:\n"
        '  - user: "[to write] start flow book_table"\n'
        "    commands:\n"
        "    - start flow book_table\n"
        "  - utter: utter_ask_guests\n"
        '  - user: "[to write] set slot guests 1"\n'
        "    commands:\n"
        "    - set slot guests 1\n"
        "  - utter: utter_ask_day\n"
        '  - user: "[to write] set slot day Monday"\n'
        "    commands:\n"
        "    - set slot day Monday\n"
        "  - utter: utter_hello_member\n"
        "  - utter: utter_ask_wants_points\n"
        '  - user: "[to write] set slot wants_points True"\n'
        "    commands:\n"
        "    - set slot wants_points True\n"
        "  - utter: utter_points\n"
    )


def test_drafts_are_read_as_tests(measured: Measured, assistant: Assistant) -> None:
    for name, content in draft_files(measured.walks, assistant.responses).items():
        read = read_bytes(content, name)
        assert (read.kind, read.problems, read.warnings) == (FileKind.DU_TESTS, (), ())
        assert isinstance(read.content, TestFile)
        assert read.content.cases


def test_a_draft_that_does_not_reach_its_step_says_so(assistant: Assistant) -> None:
    wrong = Way("book_table", "1_utter_too_many", (WayMessage(("start flow book_table",)), WayMessage(("set slot guests 2",))))
    tried = walk(wrong, Engine(assistant, compat("3.12")))
    assert (tried.way.checked, tried.way.note) == ("missed", "the engine ends at book_table / ask_day")
    text = draft_files([tried], assistant.responses)["book_table.yml"].decode()
    assert "the test `reach book_table 1_utter_too_many` does not reach its step: the engine ends at" in text


def test_buttons_are_written_as_payloads_without_commands(assistant: Assistant) -> None:
    way = Way("book_table", "ask_day", (WayMessage(("start flow book_table",)), WayMessage((), "/SetSlots(guests=1)")))
    tried = walk(way, Engine(assistant, compat("3.12")))
    assert tried.way.checked == "reached"
    text = draft_files([tried], assistant.responses)["book_table.yml"].decode()
    assert '  - user: "/SetSlots(guests=1)"\n  - utter: utter_ask_day\n' in text


def test_ways_that_lead_nowhere_give_no_draft(assistant: Assistant) -> None:
    assert draft_files([Walk(Way("book_table", "ask_day", note="none"))], assistant.responses) == {}


def test_drafts_are_never_written_over(tmp_path: Path) -> None:
    (path,) = write_drafts({"a.yml": b"1"}, tmp_path / "drafts")
    with pytest.raises(UsageError, match="there are drafts already"):
        write_drafts({"a.yml": b"2", "b.yml": b"2"}, tmp_path / "drafts")
    assert path.read_bytes() == b"1"
    assert not (tmp_path / "drafts" / "b.yml").exists()


def test_what_the_engine_cannot_do_is_a_note(assistant: Assistant) -> None:
    """A fixture that opens no way leaves the walk where it is."""
    way = Way("greet_member", "2_utter_points", (WayMessage(("start flow greet_member",)),), (SlotValue("is_member", True),))
    assert walk(way, Engine(assistant, compat("3.12"))).way.checked == "missed"
