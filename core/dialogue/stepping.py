"""Going from one step to the next."""

from __future__ import annotations

from core.dialogue.program import Node
from core.dialogue.session import Session
from core.dialogue.stack import Frame


def advance(session: Session, frame: Frame, node: Node) -> None:
    """Move the frame to the step that follows on `node`: of branches, the first whose condition holds."""
    frame.is_waiting = False
    if node.branches is None:
        frame.node = node.following
        return
    for test, target in node.branches:
        if test is None or test(session.slots, frame.context):
            frame.node = target
            return
    frame.node = node.following
    if node.branches:
        session.warnings.append(
            f"{node.step.where}: no branch of the step `{node.step.id}` of `{frame.program.id}` holds and there is no "
            "`else`, which the reference treats as an error; the conversation went on with the step after it"
        )
