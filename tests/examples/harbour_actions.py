"""The custom actions of the sample project, run in this process with a stand-in for the few names they take from rasa-sdk."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.events import BotUttered


class _Action:
    """The base class that rasa-sdk gives."""

    def name(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Tracker:
    values: Mapping[str, Any]
    latest_message: dict[str, Any]

    def get_slot(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class _Dispatcher:
    messages: list[BotUttered] = field(default_factory=list)

    def utter_message(self, text: str) -> None:
        self.messages.append(BotUttered(text, source="action server"))


def _slot_set(name: str, value: Any = None) -> tuple[str, Any]:
    return name, value


@dataclass(frozen=True, slots=True)
class HarbourActions:
    """A source of actions for the dialogue engine."""

    actions: Mapping[str, Any]

    def run(self, request: ActionRequest) -> ActionResult | None:
        action = self.actions.get(request.name)
        if action is None:
            return None
        dispatcher = _Dispatcher()
        slots = action.run(dispatcher, _Tracker(request.slots, {"text": request.message}), {})
        return ActionResult(tuple(slots), tuple(dispatcher.messages), "action server")


def harbour_actions(folder: Path) -> HarbourActions:
    """The actions of `folder/actions/actions.py`."""
    sdk, events, executor = ModuleType("rasa_sdk"), ModuleType("rasa_sdk.events"), ModuleType("rasa_sdk.executor")
    vars(sdk).update(Action=_Action, Tracker=_Tracker)
    vars(events).update(SlotSet=_slot_set)
    vars(executor).update(CollectingDispatcher=_Dispatcher)
    with pytest.MonkeyPatch.context() as patch:
        for module in (sdk, events, executor):
            patch.setitem(sys.modules, module.__name__, module)
        # dataclasses look their module up by name while they are made
        patch.setitem(sys.modules, "harbour_actions", ModuleType("harbour_actions"))
        names = runpy.run_path(str(folder / "actions" / "actions.py"), run_name="harbour_actions")
    classes = [one for one in names.values() if isinstance(one, type) and issubclass(one, _Action)]
    actions = [one() for one in classes if one is not _Action and not one.__name__.startswith("_")]
    return HarbourActions({action.name(): action for action in actions})
