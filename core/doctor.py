"""Checks of the environment and of a project, each with its finding and its remedy. `workbench doctor` and Settings.

A check is a function that returns one `Check`, or None where it has nothing to say; later parts add theirs to the lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.errors import WorkbenchError

if TYPE_CHECKING:
    from core.project import Project

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """`warn`: works, but something will surprise; `fail`: something does not work until the remedy is applied."""

    name: str
    level: Level
    finding: str
    remedy: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def run_checks(project: Project | None) -> list[Check]:
    """All checks, the environment first. None of them changes anything, and none raises."""
    from core import doctor_environment, doctor_project

    found = [_run(check.__name__, check) for check in doctor_environment.CHECKS]
    if project is None:
        found.append(Check("project", "warn", "no project here", "Run `workbench init` in the assistant's folder."))
    else:
        found += [_run(check.__name__, lambda check=check: check(project)) for check in doctor_project.CHECKS]  # type: ignore[misc]
    kept: list[Check] = []
    for check in found:
        # A wrong configuration fails every check that needs one, with the same words.
        is_repeated = check is not None and check.level == "fail" and check.finding in {one.finding for one in kept}
        if check is not None and not is_repeated:
            kept.append(check)
    return kept


def _run(name: str, check: Callable[[], Check | None]) -> Check | None:
    """A check that fails in an unforeseen way is a finding too."""
    title = name.replace("_", " ")
    try:
        return check()
    except WorkbenchError as error:
        place = f"{error.where}: " if error.where else ""
        return Check(title, "fail", f"{place}{error.what}", error.remedy)
    except Exception as error:
        return Check(title, "warn", f"could not be checked: {type(error).__name__}: {error}", "Please report this.")
