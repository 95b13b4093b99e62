"""Stubs: what the tests say that custom actions do (`stub_custom_actions`).

A key is an action's name, or `<test case>::<action>`, which wins for that test. Values are used as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.dialogue.actions import ActionRequest, ActionResult
from core.testing.action_answers import Answer, RenderResponse, result_of

VALIDATION_PREFIX = "validate_"


@dataclass(frozen=True, slots=True)
class Stubs:
    """The stubs that apply to one test."""

    by_action: Mapping[str, Answer]
    render: RenderResponse

    def run(self, request: ActionRequest) -> ActionResult | None:
        answer = self.by_action.get(request.name)
        return None if answer is None else result_of(answer, request, self.render, "stub")


@dataclass(frozen=True, slots=True)
class Unvalidated:
    """Takes every value as valid where stubs are all there is: they cannot stand for validation actions."""

    warn: Callable[[str], None]

    def run(self, request: ActionRequest) -> ActionResult | None:
        if not request.name.startswith(VALIDATION_PREFIX):
            return None
        self.warn(f"the action `{request.name}` was not run: every value is taken as valid")
        return ActionResult()


def stubs_for(name: str, stubs: Mapping[str, Any]) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """The stubs of a file that apply to the test `name`, by action, and warnings.

    Validation actions cannot be stubbed in the reference: such a stub is left out, with a warning.
    """
    general: dict[str, Answer] = {}
    own: dict[str, Answer] = {}
    warnings: list[str] = []
    for key, value in stubs.items():
        test, separator, action = str(key).rpartition("::")
        if separator and test != name:
            continue
        if action.startswith(VALIDATION_PREFIX):
            warnings.append(f"the stub of `{action}` is not used: validation actions cannot be stubbed")
            continue
        (own if separator else general)[action] = Answer.of(value)
    return general | own, tuple(warnings)
