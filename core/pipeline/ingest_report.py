"""What an ingest found, stored, left out and made stale."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.conversations.models import FileKind
from core.errors import Location, Problem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was read and not stored, with the reason and what to do."""

    where: Location
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class StaleStep:
    """Decisions that no longer count because the step, its commands or an earlier turn changed."""

    where: Location
    test: str
    user_step: int
    text: str
    decisions: int
    gone: bool


@dataclass
class IngestReport:
    """Counts are of this ingest, not of the project (`workbench status` has those).

    `unstored`: files that hold nothing of ours. `passed_over`: number of files below the folder
    of an export; 1 for a file of a holdout's rows.
    `prompts_unknown`: of the whole project, whether or not any was worked out just now.
    """

    files: Counter[FileKind] = field(default_factory=Counter)
    unstored: list[tuple[str, FileKind]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    unchanged_files: int = 0
    bad_files: list[str] = field(default_factory=list)
    gone_files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    conversations_added: int = 0
    conversations_changed: int = 0
    conversations_retired: int = 0
    steps_added: int = 0
    steps_retired: int = 0
    commands_changed: int = 0
    rephrasings_added: int = 0
    rephrasings_retired: int = 0
    rephrasings_repeated: int = 0
    verdicts_added: int = 0
    prompts_added: int = 0
    contexts_added: int = 0
    prompts_worked_out: int = 0
    prompts_unknown: int = 0
    evidence: Counter[str] = field(default_factory=Counter)
    left_out: list[LeftOut] = field(default_factory=list)
    stale: list[StaleStep] = field(default_factory=list)
    dialect: str = "v2"

    @property
    def changed_anything(self) -> bool:
        return any(
            (
                self.conversations_added, self.conversations_changed, self.conversations_retired, self.steps_added,
                self.steps_retired, self.commands_changed, self.rephrasings_added, self.rephrasings_retired,
                self.verdicts_added, self.prompts_added, self.contexts_added,
            )
        )  # fmt: skip

    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {
            "files": {kind.value: count for kind, count in sorted(self.files.items())},
            "unstored": [{"file": name, "kind": kind.value} for name, kind in self.unstored],
            "passed_over": dict(sorted(self.passed_over.items())),
            "unchanged_files": self.unchanged_files,
            "bad_files": self.bad_files,
            "gone_files": self.gone_files,
            "problems": [_problem(problem) for problem in self.problems],
            "warnings": [_problem(problem) for problem in self.warnings],
            "added": {
                "conversations": self.conversations_added,
                "user_steps": self.steps_added,
                "rephrasings": self.rephrasings_added,
                "verdicts": self.verdicts_added,
                "prompts": self.prompts_added,
                "contexts": self.contexts_added,
            },
            "changed": {"conversations": self.conversations_changed, "commands": self.commands_changed},
            "retired": {
                "conversations": self.conversations_retired,
                "user_steps": self.steps_retired,
                "rephrasings": self.rephrasings_retired,
            },
            "prompts_unknown": self.prompts_unknown,
            "rephrasings_repeated": self.rephrasings_repeated,
            "evidence": dict(sorted(self.evidence.items())),
            "left_out": [{"where": str(one.where), "reason": one.reason, "count": one.count} for one in self.left_out],
            "stale": [
                {"where": str(one.where), "test": one.test, "user_step": one.user_step, "text": one.text,
                 "decisions": one.decisions, "gone": one.gone}
                for one in self.stale
            ],
            "dialect": self.dialect,
        }  # fmt: skip


def _problem(problem: Problem) -> dict[str, str]:
    return {"where": str(problem.where), "what": problem.what, "offending": problem.offending, "fix": problem.fix}
