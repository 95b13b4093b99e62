from __future__ import annotations

from core.conversations.models import FileKind, ReadFile, TestFile, Turn, TurnKind
from core.conversations.reading import read_bytes

_FILE = """\
fixtures:
- member:
  - logged_in: True
  - tier: yes
metadata:
- phone: {device: mobile}
stub_custom_actions:
  check:
    events: [{event: slot, name: a, value: 010}]
test_cases:
- test_case: 2022
  fixtures: [member]
  metadata: phone
  steps:
  - user: 1.50
  - user: null
  - user: yes
    metadata: [a, b]
    assertion_order_enabled: true
    assertions:
    - flow_started: pay_fine
    - bot_uttered: {text_matches: "1.50"}
  - bot: |
      two
      lines
  - utter: utter_done
  - slot_was_set:
    - paid
    - amount: "4"
    - weeks: 4
  - slot_was_not_set: paid
  - user: /SetSlots(a=b)
- test_case: "2022"
  steps: [{user: hi}]
"""


def _tests(text: str) -> tuple[TestFile, ReadFile]:
    read = read_bytes(text.encode(), "f")
    assert read.problems == ()
    assert isinstance(read.content, TestFile)
    return read.content, read


def test_a_whole_file() -> None:
    tests, read = _tests(_FILE)
    assert read.kind is FileKind.E2E_TESTS
    assert read.warnings == ()
    assert tests.preamble == {
        "fixtures": [{"member": [{"logged_in": True}, {"tier": "yes"}]}],
        "metadata": [{"phone": {"device": "mobile"}}],
        "stub_custom_actions": {"check": {"events": [{"event": "slot", "name": "a", "value": 10}]}},
    }
    first, second = tests.cases
    assert (first.name, first.occurrence, first.line, first.column) == ("2022", 1, 11, 3)
    assert (second.name, second.occurrence, second.line) == ("2022", 2, 33)
    assert first.extra == {"fixtures": ["member"], "metadata": "phone"}
    assertions = [{"flow_started": "pay_fine"}, {"bot_uttered": {"text_matches": "1.50"}}]
    asked = {"metadata": ["a", "b"], "assertion_order_enabled": True, "assertions": assertions}
    slots = {"slot_was_set": ["paid", {"amount": "4"}, {"weeks": 4}]}
    assert first.turns == (
        Turn(TurnKind.USER, "1.50", 15, 5),
        Turn(TurnKind.USER, "null", 16, 5),
        Turn(TurnKind.USER, "yes", 17, 5, extra=asked),
        Turn(TurnKind.BOT, "two\nlines\n", 23, 5),
        Turn(TurnKind.UTTER, "utter_done", 26, 5),
        Turn(TurnKind.SLOT_WAS_SET, "", 27, 5, extra=slots),
        Turn(TurnKind.SLOT_WAS_NOT_SET, "", 31, 5, extra={"slot_was_not_set": "paid"}),
        Turn(TurnKind.USER, "/SetSlots(a=b)", 32, 5),
    )
    assert first.turns[-1].is_button


def test_commands_make_it_a_dialogue_understanding_test() -> None:
    text = (
        "test_cases:\n- test_case: a\n  steps:\n  - user: pay\n    commands: [start flow pay]\n"
        "  - user: thanks\n    commands: []\n"
    )
    tests, read = _tests(text)
    assert read.kind is FileKind.DU_TESTS
    assert [turn.commands for turn in tests.cases[0].turns] == [("start flow pay",), ()]


def test_a_test_may_be_completed_by_a_merge_key() -> None:
    text = (
        "x: &hello {user: hi}\ntest_cases:\n- &one\n"
        "  test_case: a\n  steps:\n  - *hello\n  - <<: *hello\n    metadata: m\n"
        "- <<: *one\n  test_case: b\n"
    )
    tests, read = _tests(text)
    assert [case.name for case in tests.cases] == ["a", "b"]
    assert tests.cases[0].turns == tests.cases[1].turns
    assert tests.cases[0].turns[1].extra == {"metadata": "m"}
    assert [warning.offending for warning in read.warnings] == ["x"]


def test_json_is_yaml() -> None:
    tests, _ = _tests('{"test_cases": [{"test_case": "a",\n"steps": [{"user": "hi\\u2028"}]}]}')
    assert tests.cases[0].turns == (Turn(TurnKind.USER, "hi\u2028", 2, 11),)


def test_unknown_keys_are_kept_for_writing_the_file_back() -> None:
    text = "version: '3.1'\ntest_cases:\n- test_case: a\n  owner: me\n  steps:\n  - bot: x\n    note: 1\n"
    tests, read = _tests(text)
    assert tests.preamble == {"version": "3.1"}
    assert tests.cases[0].extra == {"owner": "me"}
    assert tests.cases[0].turns[0].extra == {"note": 1}
    assert [warning.offending for warning in read.warnings] == ["owner", "note"]
