"""What of a message's commands is carried out: the clean-up that the reference documents after parsing.

| commands                                        | what becomes of them                                         |
| ----------------------------------------------- | ------------------------------------------------------------ |
| said twice                                      | once                                                         |
| StartFlow of an unknown or guarded flow         | refused                                                      |
| StartFlow of a flow under way                   | dropped; of one deeper on the stack since 3.14.0: resumed    |
| SetSlot of a slot the generator may not fill    | refused (3.9.0); so are unknown slots and lists              |
| SetSlot of a slot of no active or started flow  | refused (3.11.17, 3.12.21, 3.13.0)                           |
| SetSlot to the value the slot has               | dropped (3.8.0)                                              |
| anything but the asked slot, if it is forced    | dropped (3.12.6)                                             |
| Clarify                                         | unknown options removed, the rest sorted; dropped beside     |
|                                                 | other commands; one option starts that flow (3.9.0)          |
| CancelFlow without a flow, HumanHandoff since 3.16 | refused                                                   |

If nothing is left and something was refused, the message cannot be handled. If something was only dropped, the open
question comes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.assistant.models import Slot, SlotType
from core.commands import (
    CancelFlow,
    Clarify,
    Command,
    ContinueAgent,
    HumanHandoff,
    RestartAgent,
    SetSlot,
    StartFlow,
    describe,
)
from core.dialogue.program import Program
from core.dialogue.session import Session
from core.dialogue.stack import Frame, top_user_flow
from core.dialogue.turn import Dropped
from core.dialogue.values import coerced

CANNOT_HANDLE: Final = "cannot handle"


@dataclass(slots=True)
class Plan:
    """What a message leads to. `sets` and `corrections`: slots with their typed values. `starts`: in the order named.

    `resumes`: flows deeper on the stack that come to the top. `repairs`: the other commands, each of them a pattern.
    """

    processed: list[Command] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    sets: dict[str, Any] = field(default_factory=dict)
    corrections: dict[str, Any] = field(default_factory=dict)
    starts: list[Program] = field(default_factory=list)
    resumes: list[Frame] = field(default_factory=list)
    repairs: list[Command] = field(default_factory=list)
    clarifies: tuple[Program, ...] | None = None
    cancels: Frame | None = None
    has_refused: bool = False

    @property
    def cannot_handle(self) -> bool:
        return not self.processed and (self.has_refused or not self.dropped)


def clean_up(session: Session, commands: Sequence[Command], *, is_button: bool = False) -> Plan:
    """Sorts out what the commands lead to; changes nothing yet. `is_button`: mapping rules do not apply to buttons."""
    plan = Plan()
    cleaner = _Cleaner(session, plan, is_button)
    distinct = commands if len(commands) < 2 else list(cleaner.distinct(commands))
    if session.asking is not None and (step := session.asking.collect) is not None and step.force_slot_filling:
        distinct = list(cleaner.forced(distinct)) if session.prepared.compat.force_slot_filling else distinct
    for command in distinct:
        if isinstance(command, SetSlot):
            continue
        if isinstance(command, StartFlow):
            cleaner.start(command, command)
        elif isinstance(command, CancelFlow):
            cleaner.cancel(command)
        elif isinstance(command, ContinueAgent | RestartAgent):
            cleaner.refuse(command, "agents are not part of this engine")
        elif isinstance(command, HumanHandoff) and not session.prepared.compat.has_handoff:
            cleaner.refuse(command, "this version has no command for it")
        elif not isinstance(command, Clarify):
            plan.repairs.append(command)
    kept = [command for command in distinct if isinstance(command, SetSlot) and cleaner.set(command)]
    others = bool(kept or plan.starts or plan.resumes or plan.repairs or plan.cancels)
    for command in distinct:
        if isinstance(command, Clarify):
            cleaner.clarify(command, others)
    plan.processed = [cleaner.replaced.get(command, command) for command in distinct if not cleaner.is_out(command)]
    if plan.cannot_handle:
        plan.dropped = [one if one.by else one._replace(by=CANNOT_HANDLE) for one in plan.dropped]
    return plan


class _Cleaner:
    def __init__(self, session: Session, plan: Plan, is_button: bool) -> None:
        self.session = session
        self.plan = plan
        self.is_button = is_button
        self.running = top_user_flow(session.stack)
        self.out: list[Command] = []
        self.replaced: dict[Command, Command] = {}

    def drop(self, command: Command, reason: str, by: str | None = None) -> None:
        self.out.append(command)
        self.plan.dropped.append(Dropped(command, reason, by))

    def refuse(self, command: Command, reason: str) -> None:
        self.plan.has_refused = not self.is_button  # a button with nothing to say was understood all the same
        self.drop(command, reason)

    def is_out(self, command: Command) -> bool:
        return command in self.out

    def distinct(self, commands: Sequence[Command]) -> Iterator[Command]:
        """Each command once; of several values for one slot the last."""
        last = {command.name: command for command in commands if isinstance(command, SetSlot)}
        seen: set[Command] = set()
        for command in commands:
            if command in seen:
                self.plan.dropped.append(Dropped(command, "said twice"))
            elif isinstance(command, SetSlot) and last[command.name] != command:
                self.plan.dropped.append(Dropped(command, "another value follows", describe(last[command.name])))
            else:
                seen.add(command)
                yield command

    def forced(self, commands: Sequence[Command]) -> Iterator[Command]:
        asked = self.session.asked
        for command in commands:
            if isinstance(command, SetSlot) and command.name == asked:
                yield command
            else:
                self.refuse(command, f"only an answer for `{asked}` counts here")

    def start(self, command: Command, wanted: StartFlow) -> bool:
        session, plan = self.session, self.plan
        program = session.prepared.programs.get(wanted.flow)
        if program is None or program.is_pattern:
            self.refuse(command, f"there is no flow `{wanted.flow}`")
            return False
        frame = next((one for one in session.stack if one.program is program), None)
        if frame is not None:
            return self.start_again(command, frame.root)
        if not session.prepared.is_startable(program, session.slots):
            self.refuse(command, f"the condition of `{wanted.flow}` does not hold, so it cannot be started")
            return False
        if program in plan.starts:
            self.drop(command, "said twice")
            return False
        plan.starts.append(program)
        return True

    def start_again(self, command: Command, root: Frame) -> bool:
        is_put_aside = root is not self.running or self.session.stack[-1].root.program.id == "pattern_continue_interrupted"
        if self.session.prepared.compat.start_resumes and is_put_aside:
            self.plan.resumes.append(root)
            return True
        where = "under way" if root is self.running else "waiting already"
        self.drop(command, f"the flow `{root.program.id}` is {where}")
        return False

    def cancel(self, command: CancelFlow) -> None:
        if self.running is None:
            self.refuse(command, "no flow is under way")
        else:
            self.plan.cancels = self.running

    def set(self, command: SetSlot) -> bool:
        """Whether the command stays, as a plain set or as a correction."""
        session, plan, name = self.session, self.plan, command.name
        slot = session.prepared.slots.get(name)
        if slot is None:
            self.refuse(command, f"there is no slot `{name}`")
            return False
        if slot.type is SlotType.LIST:
            self.refuse(command, f"`{name}` is a list, which only actions may fill")
            return False
        reason = self.why_not_here(name) if self.is_button else self.why_not_filled(slot)
        if reason is not None:
            self.refuse(command, reason)
            return False
        value = coerced(slot, command.value)
        present = session.slots.get(name)
        if value == present:
            self.drop(command, f"`{name}` has this value already")
            return False
        is_correction = (
            present is not None
            and self.running is not None
            and not plan.starts
            and plan.cancels is None
            and name in self.running.program.correctable
        )
        (plan.corrections if is_correction else plan.sets)[name] = value
        return True

    def why_not_here(self, name: str) -> str | None:
        if name == self.session.asked or name in self.session.prepared.askable:
            return None
        return f"no flow asks for `{name}`"

    def why_not_filled(self, slot: Slot) -> str | None:
        session, name = self.session, slot.name
        is_custom = "custom" in slot.mappings and not session.prepared.compat.needs_from_llm
        if not slot.filled_by_llm and not is_custom:
            return f"a command generator may not fill `{name}`"
        if name == session.asked or not session.prepared.compat.idle_set_slot_is_dropped:
            return None
        active = (frame.root.program for frame in session.stack)
        if any(name in program.fillable for program in (*self.plan.starts, *active)):
            return None
        return f"no active or started flow asks for `{name}`"

    def clarify(self, command: Clarify, others: bool) -> None:
        session = self.session
        known = (session.prepared.programs.get(flow) for flow in dict.fromkeys(sorted(command.flows)))
        programs = tuple(program for program in known if program is not None and not program.is_pattern)
        if others:
            self.drop(command, "another command says what is meant")
        elif not programs and not session.prepared.compat.clarify_may_be_empty:
            self.refuse(command, "it names no flow of the assistant")
        elif len(programs) == 1 and session.prepared.compat.single_clarify_starts:
            single = StartFlow(programs[0].id)
            if self.start(command, single):
                self.replaced[command] = single
                self.plan.dropped.append(Dropped(command, "only one flow is left to choose", describe(single)))
        else:
            self.plan.clarifies = programs
