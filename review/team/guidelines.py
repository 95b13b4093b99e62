"""What annotators are told, the same in Argilla and in packs: the project's own text, or this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.errors import Location, ProjectError

if TYPE_CHECKING:
    from core.project import Project

GUIDELINES: Final = """\
# What to decide

A user of an assistant said something (the *original*). Somebody else might say it in other words (the *rephrasing*). In this
place of the conversation the assistant does the *expected commands* for the original. Decide whether it should do exactly the
same for the rephrasing.

- **accept**: it means the same here, no value is lost or changed, and a person could say it. It need not be pretty.
- **reject**: it asks for something else, a value (name, date, amount, place) is missing, added or another one, or nobody
  would say it. Say why in the comment: meaning changed, value changed, detail lost, near-duplicate, wrong language or style,
  unnatural.
- **unsure**: it can be read both ways, or you do not know the subject well enough. That is an answer, too.

Read the conversation first: the same words can mean something else after another question. The machine's verdict and its
reasons are a hint and often wrong; the score says how unsure it is, not what is right.

If a small change makes it right, accept it and give the corrected text. If the expected commands are wrong for the original,
give the right ones. Pass over what you do not want to answer; do not guess.
"""


def guidelines_of(project: Project) -> str:
    """The text of `[team] guidelines`, a Markdown file beside `workbench.toml`, or ours.

    Raises:
        ProjectError: the file cannot be read.
    """
    name = project.settings.team.guidelines
    if name is None:
        return GUIDELINES
    path = project.root / name
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ProjectError(
            f"the guidelines cannot be read: {why}",
            where=Location(str(path)),
            remedy="Check `guidelines` in the section [team] of workbench.toml; without it Workbench's own are used.",
        ) from error
