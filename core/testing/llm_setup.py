"""From names on the command line to language models: who answers for the commands, and who judges generated answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

from core.commands import Dialect
from core.dialogue.engine import Engine
from core.errors import ProjectError, UsageError
from core.llm.models import Role
from core.project import CONFIG_NAME, Project
from core.prompts.template import PromptTemplate
from core.testing.asked_commands import Ask, AskedCommands
from core.testing.command_sources import RecordedCommands
from core.testing.llm_judge import LlmJudge

LLM: Final = "llm"
TEST_STAGE: Final = "test"
"""Under which calls of test runs are counted in the ledger."""

AskRole = Callable[[Role], Ask]
"""A way to ask the model of a role. Raises ProjectError if it is not configured."""


def is_llm(name: str) -> bool:
    """Whether a source of commands is a model: `llm`, or `llm:ROLE`."""
    return name.partition(":")[0] == LLM


def role_of(names: Sequence[str]) -> Role | None:
    """The role of the first model among sources of commands, None if there is none.

    Raises:
        UsageError: there is no such role, or it answers no tests.
    """
    for name in names:
        if is_llm(name):
            role = name.partition(":")[2] or Role.ANNOTATOR.value
            if role not in (Role.ANNOTATOR.value, Role.CANDIDATE.value):
                raise UsageError(f"no model answers tests as `{role}`", remedy="Write `llm`, or `llm:candidate`.")
            return Role(role)
    return None


@contextmanager
def run_models(names: Sequence[str], project: Project | None, *, max_cost: float | None = None) -> Iterator[AskRole | None]:
    """The models that a run with these sources of commands may ask; None if it asks none."""
    asks = role_of(names) is not None or (project is not None and project.settings.llm.judge is not None)
    if project is None or not asks:
        yield None
        return
    from core.testing.models_of_run import ModelsOfRun

    with ModelsOfRun(project, max_cost=max_cost) as models:
        yield models


def asked_commands(
    role: Role, project: Project | None, engine: Engine, models: AskRole | None, recorded: RecordedCommands
) -> AskedCommands:
    """Commands of the role's model, for the steps that `recorded` does not know.

    Raises:
        UsageError: there is no project to name a model.
        ProjectError: it names none for the role.
        TemplateError: its prompt template cannot be used.
    """
    if project is None:
        raise UsageError(
            "--commands llm needs a project, which names the model", remedy=f"Run `workbench init`, and add [llm.{role.value}]."
        )
    if models is None:
        raise UsageError("no model is asked here", remedy="Use --commands recorded, after `workbench annotate`, or a file.")
    settings = project.settings.llm.role(role)
    if settings is None:
        raise not_configured(role)
    return AskedCommands(engine, template_of(project), settings, models(role), stage=TEST_STAGE, recorded=recorded)


def judge_of(project: Project | None, models: AskRole | None) -> LlmJudge | None:
    """None if no judge is configured."""
    if project is None or models is None or project.settings.llm.judge is None:
        return None
    return LlmJudge(models(Role.JUDGE))


def template_of(project: Project) -> PromptTemplate:
    """The command generator's prompt as the project has it; without a database the dialect is that of the configuration.

    Raises:
        TemplateError: it cannot be used.
    """
    from core.pipeline.known_prompts import project_dialect, project_template

    if not project.database_path.is_file():
        configured = project.settings.project.dialect
        return project_template(project, Dialect.V2 if configured == "auto" else Dialect(configured))
    with closing(project.open()) as connection:
        return project_template(project, project_dialect(project, connection))


def not_configured(role: Role) -> ProjectError:
    return ProjectError(
        f"no model is configured as {role.value}",
        remedy=f"Add a section [llm.{role.value}] to {CONFIG_NAME}; `workbench llm check` tries it.",
    )
