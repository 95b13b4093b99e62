"""Limits: what is asked, what was found, which are missed."""

from __future__ import annotations

from core.coverage.gates import DEFAULT_LIMITS, Limits, judge
from core.coverage.report import CommandCount, FlowCoverage, Gate, StepCoverage

COMMANDS = (CommandCount("clarify", 0, 3), CommandCount("knowledge", 0, 0, "the project has no pattern_search"),
            CommandCount("set slot", 7, 0))  # fmt: skip


def _flow(name: str, covered: int, steps: int) -> FlowCoverage:
    found = (StepCoverage(str(n), "action", "a", n, n, 0, int(n < covered)) for n in range(steps))
    return FlowCoverage(name, name, "flows.yml", 1, tuple(found))


def _failed(flows: list[FlowCoverage], limits: Limits = DEFAULT_LIMITS, commands: tuple[CommandCount, ...] = ()) -> list[str]:
    return [str(gate) for gate in judge(flows, commands, limits) if not gate.passed]


def test_the_total_weighs_flows_by_their_steps() -> None:
    assert _failed([_flow("a", 9, 9), _flow("b", 0, 1)]) == ["flow b is 0.00 %, wanted 80 %"]
    assert _failed([_flow("a", 8, 9), _flow("b", 0, 1)])[0] == "total coverage is 80.00 %, wanted 90 %"


def test_a_limit_that_is_met_exactly_is_reached() -> None:
    assert _failed([_flow("a", 8, 10), _flow("b", 10, 10)]) == []


def test_every_usable_command_must_occur_in_a_passing_test() -> None:
    assert _failed([], commands=COMMANDS) == ["no passing test has the command `clarify`"]


def test_commands_can_be_named_or_left_out() -> None:
    assert _failed([], Limits(commands=("knowledge",)), COMMANDS) == ["no passing test has the command `knowledge`"]
    assert _failed([], Limits(commands=()), COMMANDS) == []


def test_a_flow_without_steps_that_count_misses_nothing() -> None:
    assert judge([_flow("a", 0, 0)], (), DEFAULT_LIMITS)[1] == Gate("flow", "a", 80.0, 100.0, True)
