"""Checked configuration: `workbench.toml` of the project and the user's own `config.toml`.

Order of precedence, first wins: environment (`WORKBENCH_…`), the user's file, the project's file, the default.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from core.errors import ProjectError
from core.export.options import ExportFormat
from core.llm.masking import without_secrets
from core.llm.roles import LlmSection
from core.project import read_toml
from core.rephrasing.settings import RephraseSection
from core.section import Section
from core.team_settings import ArgillaSection, TeamSection
from core.user import login_name
from core.validation.settings import ValidateSection
from core.wrong_settings import as_project_error

if TYPE_CHECKING:
    from core.project import Project


COMMAND_NAMES = (
    "cancel flow", "chitchat", "clarify", "continue agent", "human handoff", "knowledge", "repeat bot messages",
    "restart agent", "set slot", "skip question", "start flow",
)  # fmt: skip
"""As histograms name them (core.coverage.command_types); a test holds the two lists together."""


class ProjectSection(Section):
    name: str = ""
    """Shown in the app; empty: the folder's name."""
    dialect: Literal["auto", "v1", "v2", "v3"] = "auto"
    """How commands are written; auto: detected from commands and prompts, else v2."""
    prompt_template: str | None = None
    """Jinja template of the command generator, relative to `workbench.toml`."""
    tokenizer: str | None = None
    """`tokenizer.json` of the model to be trained, or its folder, relative to `workbench.toml`: for exact token counts."""
    compat: str = Field(default="3.12", pattern=r"^\d+\.\d+(\.\d+)?$")
    """Rasa version whose behaviour and file formats apply."""


class ExportSection(Section):
    format: ExportFormat = ExportFormat.INSTRUCTION
    train_frac: float = Field(default=0.8, gt=0, le=1)
    seed: int = 42
    rephrasings: Literal["validated", "accepted", "none"] = "validated"
    holdout_frac: float = Field(default=0.0, ge=0, lt=1)
    """Share of the data points for a third, sealed part."""
    strategy: Literal["components", "tests", "recipe"] = "components"
    """How tests are put on sides (core.dataset.models.Strategy)."""
    max_per_conversation: int | None = Field(default=None, ge=0)
    """New conversations per test, beside the original."""
    max_points: int | None = Field(default=None, ge=1)
    """Data points of the whole dataset; what is common gives way first."""
    near_duplicates: float = Field(default=0.8, gt=0, le=1)
    """Least likeness of two texts that count as one; 1: equal but for case, punctuation and blanks."""

    @model_validator(mode="after")
    def _shares_fit(self) -> ExportSection:
        if self.train_frac + self.holdout_frac > 1:
            raise PydanticCustomError("shares", "`train_frac` and `holdout_frac` together must be at most 1")
        return self


class CoverageSection(Section):
    """Limits for `workbench coverage --gate`; the defaults are those of the recipe's user guide."""

    total: float = Field(default=90.0, ge=0, le=100)
    """Least percentage of all steps that passing tests reach."""
    flow: float = Field(default=80.0, ge=0, le=100)
    """Least percentage of every single flow."""
    commands: str | tuple[str, ...] = "usable"
    """Names of commands that passing tests must have; usable: all that the assistant can use."""

    @field_validator("commands", mode="plain")
    @classmethod
    def _known_commands(cls, value: object) -> str | tuple[str, ...]:
        if value == "usable":
            return "usable"
        if isinstance(value, list | tuple) and all(name in COMMAND_NAMES for name in value):
            return tuple(value)
        names = ", ".join(f"`{name}`" for name in COMMAND_NAMES)
        raise PydanticCustomError("commands", 'must be "usable" or a list of {names}', {"names": names})


class ProjectSettings(Section):
    """All of `workbench.toml`."""

    project: ProjectSection = ProjectSection()
    export: ExportSection = ExportSection()
    coverage: CoverageSection = CoverageSection()
    llm: LlmSection = LlmSection()
    rephrase: RephraseSection = RephraseSection()
    validate_: ValidateSection = Field(default=ValidateSection(), alias="validate")
    team: TeamSection = TeamSection()
    argilla: ArgillaSection = ArgillaSection()


class UserSettings(BaseSettings):
    """What belongs to the person, not to the project: `config.toml` in the user's configuration folder."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_ignore_empty=True, extra="forbid", frozen=True)

    reviewer: str = ""
    """Name under which decisions are recorded; empty: the login name."""
    theme: str = "textual-dark"
    """Any Textual theme: textual-dark, textual-light, ansi-dark, ansi-light, nord, gruvbox, …"""
    keymap: dict[str, str] = Field(default_factory=dict)
    """Action id to keys, e.g. `"review.accept" = "y"`; ids are listed in docs/keys.md."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, TomlConfigSettingsSource(settings_cls, user_config_path())


def user_config_path() -> Path:
    """`config.toml` in the user's configuration folder, or the file `WORKBENCH_CONFIG` names."""
    from core.user import user_config_path as path

    return path()


def load_project_settings(project: Project) -> ProjectSettings:
    """Raises ProjectError naming the file, the key and the fix."""
    try:
        return ProjectSettings.model_validate(project.raw_config)
    except ValidationError as error:
        # Not chained: pydantic's own words quote what was given, which may be a key.
        raise as_project_error(error, project.config_path, ProjectSettings) from None


def load_user_settings() -> UserSettings:
    """Raises ProjectError naming the file, the key and the fix."""
    path = user_config_path()
    try:
        return UserSettings()
    except ValidationError as error:
        raise as_project_error(error, path, UserSettings) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        read_toml(path)  # raises what is wrong with the file
        raise
    except SettingsError as error:
        raise ProjectError(
            f"an environment variable cannot be read: {error}", remedy="WORKBENCH_KEYMAP holds a JSON object, if anything."
        ) from error


def effective(project: Project | None) -> list[tuple[str, Any, str]]:
    """Every setting as (name, value, origin), origin being a file, an environment variable or `default`."""
    rows: list[tuple[str, Any, str]] = []
    if project is not None:
        raw = project.raw_config
        settings = project.settings
        for section, model in (
            ("project", settings.project),
            ("export", settings.export),
            ("coverage", settings.coverage),
            ("llm", settings.llm),
            ("rephrase", settings.rephrase),
            ("validate", settings.validate_),
            ("team", settings.team),
            ("argilla", settings.argilla),
        ):
            for key, value in model.model_dump(by_alias=True).items():
                origin = str(project.config_path) if key in raw.get(section, {}) else "default"
                rows.append((f"{section}.{key}", without_secrets(value), origin))
    user = load_user_settings()
    path = user_config_path()
    for key, value in user.model_dump().items():
        variable = f"WORKBENCH_{key.upper()}"
        if os.environ.get(variable):
            origin = f"environment {variable}"
        elif key in user.model_fields_set:
            origin = str(path)
        else:
            origin = "default"
        if key == "reviewer" and not value:
            value, origin = login_name(), "login name"
        rows.append((key, value, origin))
    return rows
