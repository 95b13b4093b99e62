"""Whether what a flow names exists, and what was probably meant where it does not."""

from __future__ import annotations

from itertools import chain

from core.assistant import builtin
from core.assistant.checks.report import Report
from core.assistant.models import Assistant
from core.errors import Location


def known_slot(name: str, where: Location, assistant: Assistant, report: Report) -> bool:
    if name in assistant.slots or name in builtin.SLOTS:
        return True
    report.error(
        "unknown-slot", where, "unknown slot", f"Add it to the domain's `slots:`{report.nearly(name, assistant.slots)}.", name
    )
    return False


def known_response(name: str, where: Location, assistant: Assistant, report: Report) -> bool:
    """A response of the domain or a built-in one; a name with a template in it may be any."""
    if name in assistant.responses or name in builtin.RESPONSES or "{{" in name:
        return True
    fix = f"Add it to the domain's `responses:`{report.nearly(name, assistant.responses)}."
    report.error("missing-response", where, "missing response", fix, name)
    return False


def known_action(name: str, where: Location, assistant: Assistant, report: Report) -> None:
    if "{{" in name or name in assistant.actions or name in builtin.ACTIONS:
        return
    fix = f"Add it to the domain's `actions:`{report.nearly(name, chain(assistant.actions, builtin.ACTIONS))}."
    report.warning("undeclared-action", where, "an action that the domain does not declare", fix, name)
