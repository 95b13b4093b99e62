"""What is taken from an assistant's files."""

from __future__ import annotations

from pathlib import Path

from core.assistant.reading import load_assistant
from core.commands import SlotKind
from core.validation.models import SlotFacts
from core.validation.vocabulary import slot_facts, vocabulary_of

FILES = """
flows:
  book_berth:
    name: Mooring
    description: Reserve a berth for a yacht
    steps:
      - collect: berth_size
        description: the length of the hull
  pattern_session_start:
    description: zzpattern
    steps:
      - action: utter_welcome
slots:
  berth_size:
    type: categorical
    values: [small, huge]
  insured:
    type: bool
responses:
  utter_ask_berth_size:
    - text: Which pontoon would you like?
      buttons:
        - title: Biggest
          payload: /x
  utter_welcome:
    - text: 查询快递
  utter_flow_cancelled_rasa:
    - text: zzbuiltin
"""


def test_words_come_from_flows_slots_and_responses(tmp_path: Path) -> None:
    (tmp_path / "assistant.yml").write_text(FILES, encoding="utf-8")
    assistant = load_assistant(tmp_path)
    words = vocabulary_of(assistant)
    assert {"mooring", "berth", "yacht", "hull", "size", "small", "pontoon", "biggest", "insured"} <= words
    assert {"查询", "快递"} <= words
    assert not {"a", "the", "zzpattern", "zzbuiltin", "查"} & words


def test_slots_have_their_kind_and_values(tmp_path: Path) -> None:
    (tmp_path / "assistant.yml").write_text(FILES, encoding="utf-8")
    slots = slot_facts(load_assistant(tmp_path))
    assert slots["berth_size"] == SlotFacts(SlotKind.CATEGORICAL, ("small", "huge"))
    assert slots["insured"] == SlotFacts(SlotKind.BOOL)
