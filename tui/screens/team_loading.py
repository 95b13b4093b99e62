"""What the Team screen shows, read in a worker: sums over whole tables, and the agreement, which may take a second."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.message import Message

from core.project import Project
from core.store.pack_here import PackStanding, pack_standing
from review.agreement import count_labels, krippendorff_alpha, krippendorff_interval
from review.team.overview import TeamSummary, team_summary
from tui.screens.team_pack_text import PackView
from tui.screens.team_text import Agreement


@dataclass
class TeamRead(Message):
    """`answered`: changes with every answer. `pack`: in the project of a hand-out, which has no team."""

    summary: TeamSummary
    answered: int
    pack: PackView | None = None


@dataclass
class AgreementRead(Message):
    agreement: Agreement


def load_summary(project: Project) -> TeamRead:
    """Raises StoreError: the database cannot be opened."""
    with closing(project.open()) as connection:
        (answered,) = connection.execute("SELECT coalesce(max(decision_id), 0) FROM team_answer").fetchone()
        return TeamRead(team_summary(connection), answered, _pack(project, pack_standing(connection)))


def _pack(project: Project, standing: PackStanding | None) -> PackView | None:
    if standing is None:
        return None
    hand_in = project.root.parent / standing.pack.hand_in
    try:
        written_at = f"{datetime.fromtimestamp(hand_in.stat().st_mtime, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    except OSError:
        written_at = None
    return PackView(standing, hand_in, written_at)


def load_agreement(project: Project) -> AgreementRead:
    """Of the decisions in force, unsure among them; who passed a record over did not rate it. Raises StoreError."""
    labels: dict[int, list[str]] = defaultdict(list)
    with closing(project.open()) as connection:
        for record_id, decision in connection.execute(
            "SELECT record_id, decision FROM team_answer WHERE in_force = 1 AND status = 'submitted' AND decision IS NOT NULL"
        ):
            labels[record_id].append(decision)
    table = count_labels(list(labels.values()))
    alpha, interval = krippendorff_alpha(table), krippendorff_interval(table)
    span = None if interval is None else (interval.low, interval.high)
    return AgreementRead(Agreement(alpha.items, alpha.value, span, alpha.why))
