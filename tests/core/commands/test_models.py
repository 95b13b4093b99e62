"""Commands are values, and impossible ones cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from core.commands import Clarify, CommandError, Dialect, RestartAgent, SetSlot, StartFlow
from core.errors import UsageError


def test_commands_compare_by_value_and_can_be_keys() -> None:
    assert StartFlow("pay") == StartFlow("pay")
    assert len({SetSlot("a", "1"), SetSlot("a", "1"), SetSlot("a", None)}) == 2


def test_commands_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        StartFlow("pay").flow = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["pay", "flow-check_account", "_x", "2fa", "a.b", "订单", "trailing-"])
def test_names_that_exist(name: str) -> None:
    assert StartFlow(name).flow == name


@pytest.mark.parametrize("name", ["", " ", "two words", "-x", "a,b", "a=b", "f(x)", '"x"', "a\n", ".a", "a."])
@pytest.mark.parametrize("make", [StartFlow, RestartAgent, lambda name: SetSlot(name, "1"), lambda name: Clarify(("ok", name))])
def test_names_that_cannot_exist(make: Callable[[str], object], name: str) -> None:
    with pytest.raises(CommandError, match="cannot be a") as caught:
        make(name)
    assert isinstance(caught.value, UsageError)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("typed", "text"), [(True, "True"), (False, "False"), (4, "4"), (500.0, "500.0"), ("x", "x"), (None, None)]
)
def test_typed_values_become_text(typed: object, text: str | None) -> None:
    assert SetSlot.of("slot", typed).value == text


def test_dialects_are_their_names() -> None:
    assert [str(dialect) for dialect in Dialect] == ["v1", "v2", "v3"]
    assert Dialect("v2") is Dialect.V2
