"""What an Argilla dataset of a round looks like: its fields, questions, metadata and guidelines, as the server takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import ProjectError
from review.team.models import Say

MOST_GUIDELINES: Final = 10_000
"""Characters that the server takes."""
NO_COMMANDS: Final = "no commands"
"""How an annotator says that nothing is to be done."""

_Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    guidelines: str
    overlap: int
    fields: tuple[_Part, ...]
    questions: tuple[_Part, ...]
    metadata: tuple[_Part, ...]


def definition_of(guidelines: str, overlap: int) -> Definition:
    """`overlap`: answers wanted of each record. Raises ProjectError for guidelines that are longer than the server takes."""
    text = guidelines.strip()
    if not 0 < len(text) <= MOST_GUIDELINES:
        what = f"are {len(text):,} characters long, and Argilla takes {MOST_GUIDELINES:,}" if text else "are empty"
        raise ProjectError(f"the guidelines for annotators {what}", remedy="Mend the file `guidelines` in [team] names.")
    return Definition(text, overlap, _FIELDS, _QUESTIONS, _METADATA)


def _field(name: str, title: str, *, markdown: bool = False, required: bool = True) -> _Part:
    return {"name": name, "title": title, "required": required, "settings": {"type": "text", "use_markdown": markdown}}


def _text_question(name: str, title: str, description: str) -> _Part:
    settings = {"type": "text", "use_markdown": False}
    return {"name": name, "title": title, "description": description, "required": False, "settings": settings}


def _metadata(name: str, title: str, type_: str = "terms") -> _Part:
    return {"name": name, "title": title, "settings": {"type": type_}, "visible_for_annotators": True}


# What is compared stands first and together: a long conversation would push it out of sight. What the machine says stands last,
# so that people have read the rest before.
_FIELDS: Final = (
    _field("original", "Original"),
    _field("rephrasing", "Rephrasing"),
    _field("expected", "Expected commands"),
    _field("conversation", "Conversation", markdown=True),
    _field("machine", "What the machine says", required=False),
)
_LABELS: Final = {
    Say.ACCEPT: "Accept: it means the same here",
    Say.REJECT: "Reject: it does not",
    Say.UNSURE: "Unsure: it can be read both ways",
}
_QUESTIONS: Final = (
    {
        "name": "decision",
        "title": "Should the assistant do the same for the rephrasing as for the original?",
        "required": True,
        "settings": {
            "type": "label_selection",
            "options": [{"value": say.value, "text": text} for say, text in _LABELS.items()],
        },
    },
    _text_question("text", "Corrected text", "Only where a small change makes it right: the whole text as it should be."),
    _text_question(
        "commands",
        "Commands",
        "Only where the expected ones are wrong: the right ones, one to a line as above, or `no commands`. What is filled in"
        " is what the machine found; left as it is, it says nothing.",
    ),
    _text_question("comment", "Comment", "Why, especially for a rejection."),
)
# Terms without a list of options: the server takes any, and a list would end at 250.
_METADATA: Final = (
    _metadata("flow", "Flow"),
    _metadata("command", "Command"),
    _metadata("language", "Language"),
    _metadata("ambiguity", "Ambiguity", "float"),
    _metadata("verdict", "Machine's verdict"),
    _metadata("test", "Test"),
    _metadata("place", "File and line"),
)
