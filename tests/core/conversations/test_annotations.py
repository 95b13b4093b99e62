from __future__ import annotations

from core.conversations.models import AnnotatedConversation, FileKind, Rephrasing, Turn, TurnKind, Verdict
from core.conversations.reading import read_bytes


def test_rephrasings_with_both_spellings_of_the_key() -> None:
    text = """\
conversations:
- original_test_case: e2e/a.yml::pay::fast
  steps:
  - user: 2022
    llm_commands:
    - set slot year 2022
    passing_rephrasings:
    - "2022"
    - yes
    failing_rephrasings: []
  - bot: ok
  - user: no
    llm_commands: []
    failed_rephrasings: [never]
- original_test_case: e2e/a.yml::pay::fast
  steps:
  - utter: utter_hi
"""
    read = read_bytes(text.encode(), "f")
    assert (read.kind, read.problems, read.warnings) == (FileKind.REPHRASINGS, (), ())
    same = (Rephrasing("2022", Verdict.SAME, line=8), Rephrasing("yes", Verdict.SAME, line=9))
    first = (
        Turn(TurnKind.USER, "2022", 4, 5, ("set slot year 2022",), same),
        Turn(TurnKind.BOT, "ok", 11, 5),
        Turn(TurnKind.USER, "no", 12, 5, (), (Rephrasing("never", Verdict.DIFFERENT, line=14),)),
    )
    assert read.content == (
        AnnotatedConversation("e2e/a.yml", "pay::fast", 1, 2, 3, first),
        AnnotatedConversation("e2e/a.yml", "pay::fast", 2, 15, 3, (Turn(TurnKind.UTTER, "utter_hi", 17, 5),)),
    )


def test_annotations_without_rephrasings() -> None:
    text = "conversations:\n- original_test_case: a.yml::b\n  steps:\n  - user: hi\n    llm_commands: [start flow x]\n"
    read = read_bytes(text.encode(), "f")
    assert read.kind is FileKind.ANNOTATIONS
    assert isinstance(read.content, tuple)
    assert read.content[0].turns == (Turn(TurnKind.USER, "hi", 4, 5, ("start flow x",)),)  # type: ignore[union-attr]


def test_the_keys_of_other_formats_are_named() -> None:
    text = "conversations:\n- original_test_case: a.yml::b\n  steps:\n  - user: hi\n    commands: [x]\n"
    read = read_bytes(text.encode(), "f")
    assert [str(warning) for warning in read.warnings] == ["f:5:5: unknown key `commands`. Did you mean `llm_commands`?"]
