"""Which version has which rule."""

from __future__ import annotations

import pytest

from core.dialogue.compat import compat, parse_version


@pytest.mark.parametrize("text", ["", "3", "3.x", "v3.12", "3.12.1.1", "3.12-rc1"])
def test_what_is_no_version_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version such as"):
        parse_version(text)


def test_a_line_without_a_patch_is_its_newest() -> None:
    assert parse_version("3.12") > parse_version("3.12.999")
    assert compat("3.13").idle_set_slot_is_dropped
    assert compat("3.12").force_slot_filling


@pytest.mark.parametrize(
    ("version", "holds"),
    [
        *(("3.10", False), ("3.11.16", False), ("3.11.17", True), ("3.12.0", False), ("3.12.20", False)),
        *(("3.12.21", True), ("3.13.0", True), ("3.14.0", True), ("4.0", True)),
    ],
)
def test_a_change_made_in_several_lines_holds_from_its_patch_on_in_each(version: str, holds: bool) -> None:
    assert compat(version).idle_set_slot_is_dropped is holds


def test_what_was_removed_is_gone() -> None:
    assert compat("3.15").has_handoff
    assert not compat("3.16").has_handoff
