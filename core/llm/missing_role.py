"""What is said where a stage wants a model and none is set."""

from __future__ import annotations

from core.errors import Location, ProjectError
from core.llm.models import Role
from core.project import Project


def no_model(project: Project, role: Role, *, may_be_embedded: bool = True) -> ProjectError:
    """`may_be_embedded`: whether the model that Workbench runs itself would do."""
    section = Role.ANNOTATOR if role is Role.REPHRASER else role
    remedy = f"Add a section [llm.{section.value}] with `model` and `base_url`"
    if may_be_embedded:
        remedy += ', or with `provider = "embedded"`'
    if section is not role:
        remedy += f"; it answers for the {role.value} too where [llm.{role.value}] is not set"
    return ProjectError(
        f"no model is set for the role `{role.value}`", where=Location(str(project.config_path)), remedy=f"{remedy}."
    )
