"""What a user is told about a file that is wrong: the place, the offending text, and the fix, word for word."""

from __future__ import annotations

import pytest

from core.conversations.models import FileKind
from core.conversations.reading import read_bytes

_TEST = "test_cases:\n- test_case: a\n  steps:\n"
_KINDS = "`user`, `bot`, `utter`, `slot_was_set`, `slot_was_not_set`"
_QUOTE = "Put the text in double quotes."
_INDENT = "Check the indentation here and in the lines above, and close every quote."

SYNTAX = [
    (
        "  - user: a: b\n",
        "4:12: unexpected `:` in `- user: a: b`. Put the text in double quotes if it holds `: `, or mend the indentation.",
    ),
    ("\t- user: hi\n", "4:1: a tab for indentation in `- user: hi`. Indent with spaces."),
    ("  - user: *hi*\n", f"4:11: text that starts with `*` or `&` in `- user: *hi*`. {_QUOTE}"),
    (
        "  - user: *hi\n",
        "4:11: unknown alias in `- user: *hi`. Put the text in double quotes, or define the anchor above.",
    ),
    ("  - user: @foo\n", f"4:11: text that starts with a reserved character in `- user: @foo`. {_QUOTE}"),
    (
        "  - user: 'open\n  - bot: x\n",
        "4:11: a quote or bracket never closed in `- user: 'open`. Close it, or quote the whole text.",
    ),
    (
        "  - user: [open\n  - bot: x\n",
        "4:11: a list in `[ ]` that is not closed in `- user: [open`. Close it with `]`, or quote the text.",
    ),
    (
        '  - user: "C:\\q"\n',
        '4:14: unknown escape in double quotes in `- user: "C:\\q"`. Write `\\\\` for a backslash, or use single quotes.',
    ),
    ('  - user: "Yes" please\n', f'4:17: unexpected text in `- user: "Yes" please`. {_INDENT}'),
    ("  - user: hi\n   - bot: x\n", f"5:4: unexpected text in `- bot: x`. {_INDENT}"),
    (
        "  - user: !hello world\n",
        "4:11: unknown tag `!hello`. If it is text, put all of it in double quotes; else remove the tag.",
    ),
    ("  - user: a\x07b\n", "4:12: a character that YAML does not allow `U+0007`. Delete it."),
]

STEPS = [
    (
        "  - usr: hi\n",
        f"4:5: a step needs one of {_KINDS}, found `usr`. Did you mean `user`?",
    ),
    ("  - user: hi\n    bot: ho\n", "5:5: one step has `user` and `bot`. Start a new step: write `- bot:`."),
    ("  - user: hi\n  bot: x\n", "5:3: a step outside of `steps` `bot`. Indent it, and write `- bot:`."),
    ("  - user:hi\n", "4:5: no space after the colon `user:hi`. Write `key: text`."),
    (
        "  - hello\n",
        f"4:5: a step must be a key and a text, found `hello`. Write it as one of {_KINDS} and a text.",
    ),
    ("  - user: [a]\n", "4:11: `user` must be text, found `a list`. Put the whole text in double quotes."),
    ("  - user: hi\n    user: ho\n", "5:5: the same key as in line 4 `user`. Keep one of the two."),
    (
        "  - user: hi\n    commands: start flow x\n",
        "5:15: `commands` must be a list, found `start flow x`. Start each item on its own line with `- `.",
    ),
    ("  - user: hi\n    commands: ['']\n", "5:16: an empty item in `commands`. Write the text, or remove the item."),
    (
        "  - commands: [a]\n",
        f"4:5: a step needs one of {_KINDS}, found `commands`. It belongs under the `user:` of its step.",
    ),
    (
        "  - user: hi\n    assertions: [hello]\n",
        "5:18: an assertion must be one name and its value, found `hello`. "
        "Write `- name: …`, each assertion as an item of its own.",
    ),
    (
        "  - user: hi\n---\ntest_cases: []\n",
        "6:1: a second YAML document. Put it into a file of its own, or join the two.",
    ),
]

FILES = [
    (
        "test_cases:\n- test_cas: a\n  steps: [{user: x}]\n",
        "2:3: `test_case` is missing, found `test_cas`. Write `test_case:`.",
    ),
    (
        "test_cases: [",
        "1:13: a quote or bracket never closed in `test_cases: [`. Close it, or quote the whole text.",
    ),
    ("test_cases:\n- test_case: a\n", "2:3: `steps` is missing in test `a`. Add `steps:` here."),
    ("test_cases:\n- test_case: a\n  steps:\n", "3:9: `steps` of test `a` is empty. Add steps below it, indented."),
    (
        "test_case:\n- test_case: a\n  steps: []\n",
        "1:1: `test_cases` is missing, found `test_case`. Name the list `test_cases:`.",
    ),
    (
        "test_cases: {a: b}\n",
        "1:13: `test_cases` must be a list, found `a mapping`. Start each item on its own line with `- `.",
    ),
    (
        "test_cases: [hello]\n",
        "1:14: a test case must be a mapping, found `hello`. Write `- test_case: name` and, below it, `steps:`.",
    ),
    (
        "fixtures: {a: b}\ntest_cases: []\n",
        "1:11: `fixtures` must be a list, found `a mapping`. Start each item on its own line with `- `.",
    ),
    (
        "conversations:\n- original_test_case: foo\n  steps: [{user: x}]\n",
        "2:23: not a test reference `foo`. Write the test's file, `::`, and its name.",
    ),
    (
        "conversations:\n- steps: [{user: x}]\n",
        "2:3: `original_test_case` is missing. Add `original_test_case:` here.",
    ),
    (
        "conversations:\n- original_test_case: a::b\n  steps:\n  - user: x\n    passing_rephrasings:\n    -\n",
        "6:6: an empty item in `passing_rephrasings`. Write the text, or remove the item.",
    ),
    (
        "prompt_contexts:\n  flows: [{name: a}]\n",
        "2:11: `description` is missing. Add `description:` here.",
    ),
    (
        "prompt_contexts: []\n",
        "1:18: prompt_contexts must be a mapping, found `a list`. Write its keys: `flows`, `tests`.",
    ),
    (
        "test_cases: &a\n- *a\n",
        "1:13: an alias that contains itself. Write the repeated part out.",
    ),
    (
        "- test_case: a\n  steps:\n  - user: hi\n",
        "1:1: a list of tests without a key. Write `test_cases:` in the line above.",
    ),
    (
        "- original_test_case: a::b\n  steps: []\n",
        "1:1: a list of tests without a key. Write `conversations:` in the line above.",
    ),
    (
        "suite:\n- test_case: a\n  steps: []\n",
        "1:1: `test_cases` is missing, found `suite`. Name the list `test_cases:`.",
    ),
    (f"test_cases: {'[' * 200_000}", "1:111: the file is nested deeper than 100 levels. Flatten it."),
]

_GOOD = '{"prompt": "p", "completion": "cancel flow"}\n'
ROWS = [
    (
        '{"prompt": "x" "completion": 1}',
        '2:16: invalid JSON (expecting \',\' delimiter) at `mpt": "x" "completion": 1}`. '
        'Put a comma here, or escape a quote inside the text as `\\"`.',
    ),
    (
        '{"prompt": "open',
        '2:12: invalid JSON (unterminated string) at `"prompt": "open`. Close the quote; each row must be on one line.',
    ),
    ("[1]", "2:1: a row must be a JSON object, found `[1]`. Write `{…}`."),
    ('{"prompt": 3, "completion": ""}', "2:12: `prompt` must be text, found `3`. Write it in double quotes."),
    (
        '{"prompt": "a", "prompt": "b", "completion": ""}',
        "2:17: a key that stands twice `prompt`. Keep one of the two.",
    ),
    (
        '{"prompt": "\\ud83d", "completion": ""}',
        "2:13: half of an escaped character (`\\ud…`). Write the whole character, unescaped.",
    ),
    (
        '{"messages": [{"role": "user", "content": "a"}]}',
        "2:14: a data point is one user and one assistant message, found `user`. "
        "Keep one user message and the assistant's answer to it.",
    ),
    (
        '{"messages": []}',
        "2:14: a data point is one user and one assistant message, found `no message`. "
        "Keep one user message and the assistant's answer to it.",
    ),
    ('{"prompt": " ", "completion": ""}', "2:12: `prompt` is empty. Write the text."),
    (
        '{"messages": "a"}',
        "2:14: `messages` must be a list of roles and texts, found `a`. "
        'Write `[{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]`.',
    ),
    (
        '{"prompt": "p", "output": "o", "original_test_name": "x"}',
        "2:54: not a test reference `x`. Write the test's file, `::`, and its name.",
    ),
]

LABELS = [
    (', "user_step": 0', "1:76: `user_step` must be a whole number from 1, found `0`. Count from 1."),
    (', "commands": "a"', '1:91: `commands` must be a list of texts, found `a`. Write `["…", "…"]`.'),
    (
        ', "rephrasings": [{"text": "a", "verdict": "maybe"}]',
        "1:94: unknown verdict `maybe`. Write `same`, `different` or `ambiguous`.",
    ),
    (
        ', "rephrasings": [{"text": ""}]',
        '1:94: a rephrasing needs a text, found `{"text": ""}`. Write `{"text": "…", "verdict": "same"}`.',
    ),
    (
        ', "rephrasings": [{"text": "a", "faithful": "no"}]',
        "1:94: `faithful` must be true or false, found `no`. Write `true` or `false`.",
    ),
]


def _messages(text: str) -> list[str]:
    return [str(problem) for problem in read_bytes(text.encode(), "f").problems]


@pytest.mark.parametrize(("text", "message"), [*((_TEST + text, message) for text, message in SYNTAX + STEPS), *FILES])
def test_yaml_problems(text: str, message: str) -> None:
    assert _messages(text) == [f"f:{message}"]


@pytest.mark.parametrize(("row", "message"), ROWS)
def test_row_problems(row: str, message: str) -> None:
    assert _messages(f"{_GOOD}{row}\n\n{_GOOD}") == [f"f:{message}"]


@pytest.mark.parametrize(("fields", "message"), LABELS)
def test_label_problems(fields: str, message: str) -> None:
    step = "" if "user_step" in fields else ', "user_step": 1'
    row = f'{{"file": "f", "test_case": "t", "text": "x", "button": false{step}{fields}}}'
    assert _messages(row) == [f"f:{message}"]


def test_every_problem_of_a_file_is_reported_in_one_pass_and_in_order() -> None:
    text = "test_cases:\n- steps: [{usr: a}, hello]\n- test_case: b\n  steps:\n  - user: {a: b}\n  - user: fine\n- 7\n"
    assert [message.split(": ")[0] for message in _messages(text)] == ["f:2:3", "f:2:11", "f:2:21", "f:5:11", "f:7:3"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            f"{_TEST}  - user: caf\xe9\n".encode("latin-1"),
            "f:4:14: the file is not UTF-8: byte `0xE9`. Save it as UTF-8.",
        ),
        (f"{_TEST}  - user: hi\n".encode("utf-16"), "f:1:1: the file is UTF-16. Save it as UTF-8."),
        (f"{_TEST}  - user: hi\n".encode("utf-16-le"), "f:1:1: the file is UTF-16. Save it as UTF-8."),
        (f"{_TEST}  - user: hi\n".encode("utf-16-be"), "f:1:1: the file is UTF-16. Save it as UTF-8."),
        (
            f"{_TEST}  - user: ünï\0code\n".encode(),
            "f:4:14: a character that YAML does not allow `U+0000`. Delete it.",
        ),
        (
            b'{"prompt": "a\0", "completion": ""}\n',
            "f:1:14: a character that YAML does not allow `U+0000`. Delete it.",
        ),
    ],
)
def test_other_encodings(data: bytes, message: str) -> None:
    assert [str(problem) for problem in read_bytes(data, "f").problems] == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_TEST + "  - user: a\n    asertions: []\n", "5:5: unknown key `asertions`. Did you mean `assertions`?"),
        (_TEST + "  - user: a\n    llm_commands: []\n", "5:5: unknown key `llm_commands`. Did you mean `commands`?"),
        (_TEST + "  - user:\n", "4:10: the text of `user` is empty. Write the text, or remove the step."),
        (
            _TEST + "  - user: a\n    assertions: [{flow_stated: x}]\n",
            "5:19: unknown assertion `flow_stated`. Did you mean `flow_started`?",
        ),
        (
            _TEST + "  - user: &co is here\n",
            "4:11: an anchor that nothing refers to `&co`. If it is text, put all of it in double quotes.",
        ),
        ("test_cases:\n", "1:12: `test_cases` is empty. Add tests below it, or remove the file."),
        (
            "test_cases: []\nfixture: []\n",
            "2:1: unknown key `fixture`. Did you mean `fixtures`?",
        ),
        (
            _GOOD.replace("}", ', "note": 1}'),
            "1:46: unknown key `note`. Known here: `prompt`, `completion`, `output`, `messages`, `original_test_name`, "
            "`original_user_utterance`, `rephrased_user_utterance`.",
        ),
    ],
)
def test_warnings(text: str, message: str) -> None:
    read = read_bytes(text.encode(), "f")
    assert read.problems == ()
    assert [str(warning) for warning in read.warnings] == [f"f:{message}"]


_DOCUMENTED = "Write e.g. `start flow NAME` or `set slot NAME VALUE`."
_SPLIT = "Put the whole command in double quotes: in `[ ]` a comma starts another item."


@pytest.mark.parametrize(
    ("commands", "messages"),
    [
        ("[StartFlwo(x)]", ["5:16: not a command `StartFlwo(x)`. Did you mean `StartFlow`?"]),
        ("[strat flow x]", ["5:16: not a command `strat flow x`. Did you mean `start flow`?"]),
        ("[cancel flow, blah blah]", [f"5:29: not a command `blah blah`. {_DOCUMENTED}"]),
        ("[start flow]", [f"5:16: not a command `start flow`. {_DOCUMENTED}"]),
        (
            "[SetSlot(color, blue)]",
            [f"5:16: not a command `SetSlot(color`. {_SPLIT}", f"5:31: not a command `blue)`. {_SPLIT}"],
        ),
        (
            "[StartFlow(x), set slot a b]",
            ["5:16: not a command `StartFlow(x)`. The step's other commands are of another dialect: write all of them in one."],
        ),
        ("[set slot a b, 'start flow x']", []),
        ('["SetSlot(color, blue)"]', []),
        ("[search and reply]", []),
        ("[]", []),
    ],
)
def test_what_is_no_command_in_any_dialect_is_named_with_its_place(commands: str, messages: list[str]) -> None:
    read = read_bytes(f"{_TEST}  - user: hi\n    commands: {commands}\n".encode(), "f")
    assert read.problems == ()
    assert [str(warning) for warning in read.warnings] == [f"f:{message}" for message in messages]


def test_labels_with_what_is_no_command_are_named_with_their_place() -> None:
    row = (
        '{"file": "f", "test_case": "t", "text": "x", "user_step": 1, "commands": ["hang over"],'
        ' "rephrasings": [{"text": "y", "commands": ["gibberish"]}]}'
    )
    assert [str(warning) for warning in read_bytes(row.encode(), "f").warnings] == [
        "f:1:74: not a command `hang over`. Did you mean `hand over`?",
        f"f:1:104: not a command `gibberish`. {_DOCUMENTED}",
    ]


def test_completions_that_are_no_commands_are_one_warning_with_their_number() -> None:
    rows = [_GOOD, '{"prompt": "p", "completion": "blah blah"}\n', '{"prompt": "p", "output": "cancel flwo"}\n', _GOOD]
    assert [str(warning) for warning in read_bytes("".join(rows).encode(), "f").warnings] == [
        f"f:2:31: a completion with text that is not a command (in 2 of 4 rows) `blah blah`. {_DOCUMENTED}"
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"prompt": "p", "complation": "c"}', "unknown key `complation`. Did you mean `completion`?"),
        ('{"promt": "p", "output": "c"}', "unknown key `promt`. Did you mean `prompt`?"),
        ('{"file": "f", "test_case": "t", "user_step": 1, "comands": []}', "unknown key `comands`. Did you mean `commands`?"),
    ],
)
def test_rows_that_are_none_of_ours_by_one_letter_are_warned_of(row: str, message: str) -> None:
    read = read_bytes(f"{row}\n{row}\n".encode(), "f")
    assert (read.kind, read.problems) == (FileKind.OTHER, ())
    assert [str(warning) for warning in read.warnings] == [f"f:1:1: nothing of this file is read: its rows have the {message}"]


@pytest.mark.parametrize("row", ['{"message": "started", "level": "info"}', '{"prompt": "p", "chosen": "a", "rejected": "b"}'])
def test_rows_of_other_programs_are_not_warned_of(row: str) -> None:
    assert read_bytes(row.encode(), "f").warnings == ()


_THREE_BAD_TESTS = """\
fixtures:
- premium: [{a: b}]
test_cases:
- test_case: one
  steps:
  - user: I want: a card
- test_case: two
  fixtures: premium
  steps:
  - usr: hello
- test_case: three
  steps:
  - user: "never closed
  - bot: hi
metadata:
- m: {a: b: c}
"""


def test_a_syntax_error_hides_no_other_problem_of_the_file() -> None:
    assert [message.split(". ")[0] for message in _messages(_THREE_BAD_TESTS)] == [
        "f:6:17: unexpected `:` in `- user: I want: a card`",
        "f:8:13: `fixtures` must be a list of names, found `premium`",
        f"f:10:5: a step needs one of {_KINDS}, found `usr`",
        'f:13:11: a quote or bracket never closed in `- user: "never closed`',
        "f:16:6: a mapping in `{ }` that is not closed in `- m: {a: b: c}`",
    ]


def test_a_quote_left_open_in_one_test_is_found_there_though_the_next_one_closes_it() -> None:
    text = f'{_TEST}  - user: "open\n- test_case: b\n  steps:\n  - user: "fine"\n  - usr: x\n'
    assert [message.split(": ")[0] for message in _messages(text)] == ["f:4:11", "f:8:5"]


def test_an_alias_of_another_part_of_a_broken_file_is_no_problem() -> None:
    text = f"fixtures:\n- p: &p [{{a: b}}]\n{_TEST}  - user: a: b\n- test_case: b\n  metadata: *p\n  steps: []\n"
    assert [message.split(": ")[0] for message in _messages(text)] == ["f:6:12"]


def test_annotations_are_read_on_after_a_syntax_error_too() -> None:
    item = "- original_test_case: a::b\n  steps:\n"
    text = f"conversations:\n{item}  - user: a: b\n{item}  - usr: x\n"
    assert [message.split(": ")[0] for message in _messages(text)] == ["f:4:12", "f:7:5"]


@pytest.mark.parametrize(
    "text",
    [
        "testcases:\n- test_case: a\n  steps: []\n",
        "conversation:\n- original_test_case: a::b\n  steps: []\n",
        "test_cases:\n- test_cas: a\n  steps: [{user: x}]\n",
    ],
)
def test_a_misspelled_key_is_one_finding(text: str) -> None:
    read = read_bytes(text.encode(), "f")
    assert (len(read.problems), [str(one) for one in read.warnings if "no steps" not in one.what]) == (1, [])
