"""Random histories of two reviewers and of files that change under them, against a model that keeps undo and redo stacks.

After every step the database says what the model says, and what the log alone says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from core.store import derive
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision, Recorded
from tests.review.conftest import BUTTON_ID, FIRST_STEP, FIRST_STEP_IDS, SECOND_STEP, SECOND_STEP_IDS, STEPS, in_memory
from tests.review.small import recomputed, start, stored

INGESTED = dict.fromkeys(FIRST_STEP_IDS, FIRST_STEP) | dict.fromkeys(SECOND_STEP_IDS, SECOND_STEP)
REVIEWERS = st.sampled_from(["anna", "bo"])
STEP_IDS = st.sampled_from([FIRST_STEP, SECOND_STEP])
COMMANDS = st.sampled_from([start("renew_loan"), start("reserve_item"), "[]"])


@dataclass
class Action:
    """`on`: what each rephrasing was when it was decided on (the step's commands, the edited wording)."""

    reviewer: str
    decision: State | None = None
    on: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    reason: str | None = None
    edit: tuple[int, str] | None = None
    added: int | None = None
    correction: tuple[int, str | None, str] | None = None


@dataclass
class Model:
    """The history in force in the order it was made, and what each reviewer could bring back."""

    file: dict[int, str | None]
    step_of: dict[int, int]
    texts: dict[int, str]
    made: list[Action] = field(default_factory=list)
    undone: dict[str, list[Action]] = field(default_factory=lambda: {"anna": [], "bo": []})

    @property
    def in_force(self) -> Iterator[Action]:
        return (one for one in self.made if not any(one is other for stack in self.undone.values() for other in stack))

    def act(self, action: Action) -> None:
        for dead in self.undone[action.reviewer]:
            self.made = [one for one in self.made if one is not dead]
        self.undone[action.reviewer].clear()
        self.made.append(action)

    def undo(self, reviewer: str) -> Action | None:
        own = [one for one in self.in_force if one.reviewer == reviewer]
        if own:
            self.undone[reviewer].append(own[-1])
        return own[-1] if own else None

    def redo(self, reviewer: str) -> Action | None:
        return self.undone[reviewer].pop() if self.undone[reviewer] else None

    def commands(self, step: int) -> str | None:
        found = [
            new
            for one in self.in_force
            if one.correction
            for at, old, new in [one.correction]
            if (at, old) == (step, self.file[step])
        ]
        return found[-1] if found else self.file[step]

    def edited(self, id_: int) -> str | None:
        texts = [one.edit[1] for one in self.in_force if one.edit and one.edit[0] == id_]
        return texts[-1] if texts and texts[-1] != self.texts[id_] else None

    def active(self, id_: int) -> bool:
        return id_ in INGESTED or any(one.added == id_ for one in self.in_force)

    def now(self, id_: int) -> tuple[str | None, str | None]:
        return self.commands(self.step_of[id_]), self.edited(id_)

    def decided(self, id_: int) -> tuple[State, str | None]:
        """State and reason."""
        own = [one for one in self.in_force if id_ in one.on]
        fitting = [one for one in own if one.on[id_] == self.now(id_)]
        if fitting:
            assert fitting[-1].decision is not None
            return fitting[-1].decision, fitting[-1].reason
        return (State.STALE, own[-1].reason) if own else (State.UNDECIDED, None)


class Histories(RuleBasedStateMachine):
    template: sqlite3.Connection

    @initialize()
    def open(self) -> None:
        self.connection = in_memory(self.template)
        self.logs = {name: DecisionLog(self.connection, name, "app") for name in ("anna", "bo")}
        texts = [text for step in STEPS[:2] for text, _ in step.rephrasings]
        self.model = Model(
            {FIRST_STEP: STEPS[0].commands, SECOND_STEP: STEPS[1].commands},
            dict(INGESTED),
            dict(zip(INGESTED, texts, strict=True)),
        )
        self.invented = 0

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()

    def active(self) -> list[int]:
        return [id_ for id_ in self.model.texts if self.model.active(id_)]

    def new_text(self) -> str:
        self.invented += 1
        return f"wording {self.invented}"

    def check(self, recorded: Recorded) -> None:
        assert recorded.states == {id_: self.model.decided(id_)[0] for id_ in recorded.states}

    @rule(reviewer=REVIEWERS, decision=st.sampled_from(Decision), data=st.data(), reason=st.none() | st.just("unnatural"))
    def decide(self, reviewer: str, decision: Decision, data: st.DataObject, reason: str | None) -> None:
        ids = data.draw(st.lists(st.sampled_from(self.active()), min_size=1, max_size=4, unique=True))
        on = {id_: self.model.now(id_) for id_ in ids}
        recorded = self.logs[reviewer].decide(ids, decision, reason)
        self.model.act(Action(reviewer, State[decision.name], on, reason=reason))
        assert list(recorded.states) == ids
        self.check(recorded)

    @rule(reviewer=REVIEWERS, data=st.data())
    def decide_many(self, reviewer: str, data: st.DataObject) -> None:
        ids = data.draw(st.lists(st.sampled_from(self.active()), max_size=3))
        self.logs[reviewer].decide_many([(id_, "skip", None) for id_ in ids])
        for id_ in ids:
            self.model.act(Action(reviewer, State.SKIP, {id_: self.model.now(id_)}))

    @precondition(lambda self: any(one.decision is State.REJECT for one in self.model.in_force))
    @rule(data=st.data(), reason=st.sampled_from(["meaning changed", "value changed"]))
    def give_reason(self, data: st.DataObject, reason: str) -> None:
        rejections = [
            (one, id_)
            for one in self.model.in_force
            if one.decision is State.REJECT
            for id_ in one.on
            if one is [other for other in self.model.in_force if other.reviewer == one.reviewer and id_ in other.on][-1]
        ]
        if rejections:
            action, id_ = data.draw(st.sampled_from(rejections))
            recorded = self.logs[action.reviewer].give_reason(id_, reason)
            action.reason = reason
            assert set(recorded.states) == set(action.on)
            self.check(recorded)

    @rule(reviewer=REVIEWERS, data=st.data(), accept=st.booleans(), back=st.booleans())
    def edit(self, reviewer: str, data: st.DataObject, accept: bool, back: bool) -> None:
        id_ = data.draw(st.sampled_from(self.active()))
        text = self.model.texts[id_] if back else self.new_text()
        recorded = self.logs[reviewer].edit(id_, text, accept=accept)
        wording = None if back else text
        on = {id_: (self.model.commands(self.model.step_of[id_]), wording)} if accept else {}
        self.model.act(Action(reviewer, State.ACCEPT, on, edit=(id_, text)))
        self.check(recorded)

    @rule(reviewer=REVIEWERS, step=STEP_IDS)
    def add(self, reviewer: str, step: int) -> None:
        text = self.new_text()
        recorded = self.logs[reviewer].add(step, text)
        id_ = recorded.rephrasing_id
        assert id_ is not None
        self.model.texts[id_], self.model.step_of[id_] = text, step
        self.model.act(Action(reviewer, State.ACCEPT, {id_: (self.model.commands(step), None)}, added=id_))
        self.check(recorded)

    @rule(reviewer=REVIEWERS, step=STEP_IDS, commands=COMMANDS)
    def correct(self, reviewer: str, step: int, commands: str) -> None:
        if commands != self.model.commands(step):
            recorded = self.logs[reviewer].correct(step, commands)
            self.model.act(Action(reviewer, correction=(step, self.model.file[step], commands)))
            self.check(recorded)

    @rule(step=STEP_IDS, commands=st.none() | COMMANDS)
    def change_file(self, step: int, commands: str | None) -> None:
        self.connection.execute("UPDATE user_step SET ingested_commands = ? WHERE id = ?", (commands, step))
        derive.steps(self.connection, [step])
        self.model.file[step] = commands

    @rule(reviewer=REVIEWERS, times=st.integers(1, 3))
    def undo(self, reviewer: str, times: int) -> None:
        for _ in range(times):
            recorded, action = self.logs[reviewer].undo(), self.model.undo(reviewer)
            assert (recorded is None) == (action is None)
            if recorded is not None:
                self.check(recorded)

    @rule(reviewer=REVIEWERS, times=st.integers(1, 3))
    def redo(self, reviewer: str, times: int) -> None:
        for _ in range(times):
            recorded, action = self.logs[reviewer].redo(), self.model.redo(reviewer)
            assert (recorded is None) == (action is None)
            if recorded is not None:
                self.check(recorded)

    @invariant()
    def database_says_what_the_model_says(self) -> None:
        if not hasattr(self, "connection"):
            return
        rows = self.connection.execute(
            "SELECT r.id, r.state, d.reason, r.edited_text, r.active FROM rephrasing r"
            " LEFT JOIN decision d ON d.id = r.decision_id WHERE r.id <> ?",
            (BUTTON_ID,),
        )
        found = {id_: (State(state), reason, edited, bool(active)) for id_, state, reason, edited, active in rows}
        model = self.model
        assert found == {id_: (*model.decided(id_), model.edited(id_), model.active(id_)) for id_ in model.texts}
        steps = dict(self.connection.execute("SELECT id, commands FROM user_step WHERE id IN (1, 2)"))
        assert steps == {step: model.commands(step) for step in (FIRST_STEP, SECOND_STEP)}

    @invariant()
    def database_says_what_the_log_says(self) -> None:
        if hasattr(self, "connection"):
            assert stored(self.connection) == recomputed(self.connection)


def test_any_history_leaves_the_state_its_log_says(template: sqlite3.Connection) -> None:
    class OfThisTemplate(Histories):
        pass

    OfThisTemplate.template = template
    run_state_machine_as_test(
        OfThisTemplate,
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@pytest.mark.slow
def test_many_long_histories_leave_the_state_their_logs_say(template: sqlite3.Connection) -> None:
    class OfThisTemplate(Histories):
        pass

    OfThisTemplate.template = template
    run_state_machine_as_test(
        OfThisTemplate,
        settings=settings(max_examples=100, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)),
    )
