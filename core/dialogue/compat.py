"""Which rules apply in which Rasa version. One place for every version-dependent behaviour; sources: the public changelog."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "3.12"

_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Compat:
    """Rules of one version."""

    version: str
    asks_before_resuming: bool
    """3.14.0: after an interruption the assistant asks whether to go on; before, it says so and goes on."""
    completed_is_a_question: bool
    """3.16.0: `pattern_completed` is a collect of `continue_conversation`."""
    start_resumes: bool
    """3.14.0: StartFlow of a flow deeper on the stack resumes it; before, it is dropped."""
    button_titles_in_history: bool
    """3.13.21, 3.14.9, 3.15.5, 3.16.0."""
    date_time_in_prompt: bool
    """3.15.0: `current_datetime`, unless the configuration turns it off."""
    chitchat_cannot_handle: bool
    """3.13.0: the default of `pattern_chitchat` says it cannot handle the message."""
    clarify_may_be_empty: bool
    """3.15.0."""
    clarify_is_limited: bool
    """3.15.0: a clarification offers three flows, or as many as the slot `max_clarification_options` says."""
    called_slots_belong_to_caller: bool
    """3.12.0: slots of called and linked flows count as those of the active flow."""
    idle_set_slot_is_dropped: bool
    """3.11.17, 3.12.21, 3.13.0: a SetSlot for a slot of no active or started flow."""
    has_handoff: bool
    """Until 3.16.0."""
    has_repeat: bool
    """3.11.0: the repeat command, which the V1 template lists only then."""
    force_slot_filling: bool
    """3.12.6."""
    needs_from_llm: bool
    """3.9.0: only slots mapped `from_llm` are filled by commands; before, those mapped `custom` are."""
    single_clarify_starts: bool
    """3.9.0: a Clarify with one option starts that flow."""
    assertions_by_step: bool
    """3.12.0: assertions replace the other checks of their step; before, those of the whole test."""
    long_coverage_header: bool
    """3.12.0: the last column of coverage reports is `Line Numbers for Missing Steps`. Published reports of 3.10 have
    `Line Numbers`, those of 3.12 and later the long name; of 3.11 there is none."""


def parse_version(text: str) -> _Version:
    """`3.12` or `3.12.4` as numbers; a missing patch is the line's newest, since it is the one people run.

    Raises:
        ValueError: it is no version.
    """
    if not (match := re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?", text)):
        raise ValueError(f"`{text}` is not a version such as 3.12 or 3.12.4")
    major, minor, patch = match.groups()
    return int(major), int(minor), 10_000 if patch is None else int(patch)


@lru_cache(maxsize=32)
def compat(version: str = DEFAULT) -> Compat:
    """The rules of a version.

    Raises:
        ValueError: it is no version.
    """
    at = parse_version(version)

    def since(*versions: str) -> bool:
        """Whether a change that was made in each of these lines is in `at`: the last one counts for all later lines."""
        lines = [parse_version(one) for one in versions]
        same_line = next((one for one in lines if one[:2] == at[:2]), None)
        return at >= same_line if same_line else at >= lines[-1]

    return Compat(
        version=version,
        asks_before_resuming=since("3.14.0"),
        completed_is_a_question=since("3.16.0"),
        start_resumes=since("3.14.0"),
        button_titles_in_history=since("3.13.21", "3.14.9", "3.15.5", "3.16.0"),
        date_time_in_prompt=since("3.15.0"),
        chitchat_cannot_handle=since("3.13.0"),
        clarify_may_be_empty=since("3.15.0"),
        clarify_is_limited=since("3.15.0"),
        called_slots_belong_to_caller=since("3.12.0"),
        idle_set_slot_is_dropped=since("3.11.17", "3.12.21", "3.13.0"),
        has_handoff=not since("3.16.0"),
        has_repeat=since("3.11.0"),
        force_slot_filling=since("3.12.6"),
        needs_from_llm=since("3.9.0"),
        single_clarify_starts=since("3.9.0"),
        assertions_by_step=since("3.12.0"),
        long_coverage_header=since("3.12.0"),
    )
