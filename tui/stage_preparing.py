"""Prepares a stage: what it will do and what that will cost, or what has to be configured first. For a worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.errors import ProjectError
from core.llm.models import Role
from core.project import CONFIG_NAME, Project
from core.stages.models import Estimate, Stage, StageName
from tui.stage_process import Make

ROLE_OF = {
    StageName.ANNOTATE: Role.ANNOTATOR,
    StageName.REPHRASE: Role.REPHRASER,
    StageName.VALIDATE: Role.ANNOTATOR,
}
"""The role that a stage may need before it can say so itself."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`missing`: roles that the stage asks and nobody configured; it cannot be started then, and there is no estimate.

    `make` prepares it again, in the process that it runs in.
    """

    name: StageName
    make: Make
    missing: tuple[Role, ...] = ()
    estimate: Estimate | None = None


def prepare(project: Project, name: StageName, reviewer: str) -> Prepared:
    """Reads the project and `workbench.toml` as they are now; asks no model.

    Raises:
        WorkbenchError: the configuration, the assistant or the database cannot be used.
    """
    make = partial(make_stage, project.root, name, reviewer)
    try:
        fresh, stage = make()
    except ProjectError:
        if missing := _missing(Project(project.root), [ROLE_OF[name]]):
            return Prepared(name, make, missing)
        raise
    if missing := _missing(fresh, stage.roles):
        return Prepared(name, make, missing)
    return Prepared(name, make, (), stage.estimate())


def make_stage(root: Path, name: StageName, reviewer: str) -> tuple[Project, Stage]:
    """The stage, and the project with the configuration that it was prepared with.

    `workbench.toml` is read anew: it may have been edited since the app has read it.
    """
    project = Project(root)
    return project, _stage(project, name, reviewer)


def _stage(project: Project, name: StageName, reviewer: str) -> Stage:
    """Each imports what only it needs."""
    match name:
        case StageName.ANNOTATE:
            from core.annotation.stage import prepare_annotate

            return prepare_annotate(project, reviewer=reviewer)
        case StageName.REPHRASE:
            from core.rephrasing.stage import prepare_rephrase

            return prepare_rephrase(project)
        case StageName.VALIDATE:
            from core.validation.stage import prepare_validate

            return prepare_validate(project, reviewer=reviewer)


def _missing(project: Project, roles: Iterable[Role]) -> tuple[Role, ...]:
    return tuple(role for role in roles if project.settings.llm.role(role) is None)


def how_to_configure(role: Role) -> tuple[str, ...]:
    """Lines to be shown, and to be copied into the configuration."""
    return (
        f"No model is configured as {role.value}. Name one in {CONFIG_NAME}:",
        "",
        f"  [llm.{role.value}]",
        '  base_url = "http://127.0.0.1:8000/v1"  # without it: OpenAI',
        '  model = "NAME"',
        '  api_key_env = "OPENAI_API_KEY"         # variable, or line of .env',
        "",
        "Or a small one that Workbench runs itself, with no key and no network",
        "(pip install finetune-workbench[local]):",
        "",
        f"  [llm.{role.value}]",
        '  provider = "embedded"',
        "",
        "Then press the key again. `workbench llm check` tries it with one call.",
    )
