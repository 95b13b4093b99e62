from __future__ import annotations

import pytest

from core.assistant import builtin
from core.dialogue.built_in import BUILT_IN
from core.dialogue.compat import compat
from core.dialogue.defaults import defaults


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14", "3.15", "3.16"])
def test_what_the_engine_brings_along_is_known_to_the_checks(version: str) -> None:
    found = defaults(compat(version))
    assert set(found.flows) <= builtin.PATTERNS
    assert set(found.responses) <= builtin.RESPONSES
    assert set(found.slots) <= builtin.SLOTS


def test_every_action_the_engine_runs_is_known_to_the_checks() -> None:
    assert set(BUILT_IN) <= builtin.ACTIONS
