"""A project: the folder of an assistant with a `workbench.toml` and a `.workbench/` folder (database) in it."""

from __future__ import annotations

import os
import re
import sqlite3
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Location, ProjectError

if TYPE_CHECKING:
    from core.settings import ProjectSettings

CONFIG_NAME = "workbench.toml"
STATE_FOLDER = ".workbench"
DATABASE_NAME = "workbench.db"

CONFIG_TEMPLATE = """\
# Workbench project. Every setting is optional; what stands commented out is the default.
# `workbench doctor` shows the effective values and where each comes from.

[project]
# name = "{name}"                # shown in the app; default: this folder's name
# dialect = "auto"               # v1 | v2 | v3: how commands are written; auto: detected from commands and prompts (else v2)
# prompt_template = "prompts/command_generator.jinja2"
                                 # the Jinja template of your assistant's command generator, relative to this file;
                                 # default: Workbench's own template. Needed to take ingested prompts apart.
# tokenizer = "models/base/tokenizer.json"   # of the model to be trained: exact token counts instead of estimates
compat = "{compat}"                # Rasa version whose behaviour and file formats apply

[export]
# format = "instruction"         # or conversational, chat, messages, alpaca, …: docs/datasets.md
# train_frac = 0.8               # share of the data points that goes to train; 1.0: no val file
# seed = 42
# rephrasings = "validated"      # validated | accepted | none
# holdout_frac = 0.0             # a third part that is sealed: every look at it is recorded
# strategy = "components"        # components | tests | recipe: how tests are put on sides
# max_per_conversation = 10      # new conversations per test; default: as many as there are rephrasings
# max_points = 5000              # of the whole dataset; default: all
# near_duplicates = 0.8          # texts that are this alike count as one; 1: exact duplicates only

[coverage]                       # what `workbench coverage --gate` asks of the passing tests
# total = 90                     # percent of all steps
# flow = 80                      # percent of every flow
# commands = "usable"            # every command the assistant can use, or a list: ["start flow", "set slot"]

# Language models: annotate, rephrase and validate need [llm.annotator]; docs/llm.md has every setting. Any
# OpenAI-compatible endpoint will do. With the provider "embedded" alone a very small model runs on this machine, without
# key and network; its answers are well-formed and mostly wrong.
# [llm.annotator]
# provider = "openai"
# base_url = "https://api.openai.com/v1"
# model = "gpt-4o"
# api_key_env = "OPENAI_API_KEY" # the variable's name; `.env` beside this file is read too
# price_input = 2.5              # per million tokens: for estimates, the ledger and --max-cost
# price_output = 10.0
# [llm.rephraser]                # as above; without it the annotator rephrases
# model = "gpt-4o-mini"
"""

DEFAULT_COMPAT = "3.12"

GITIGNORE = "# Written by `workbench init`: the database and its side files stay out of version control.\n*\n"


@dataclass(frozen=True)
class Project:
    """Found from the current directory upward. `root` is absolute; file names in the database are relative to it."""

    root: Path

    @property
    def config_path(self) -> Path:
        return self.root / CONFIG_NAME

    @property
    def state_folder(self) -> Path:
        return self.root / STATE_FOLDER

    @property
    def database_path(self) -> Path:
        return self.state_folder / DATABASE_NAME

    @cached_property
    def raw_config(self) -> dict[str, Any]:
        """`workbench.toml` as plain data, unchecked. The app paints its first screen from this (see `settings`).

        Raises:
            ProjectError: the file cannot be read or is not TOML, with line and column.
        """
        return read_toml(self.config_path)

    @cached_property
    def settings(self) -> ProjectSettings:
        """The checked configuration.

        Raises:
            ProjectError: a key is unknown or has a wrong value, with the place in the file.
        """
        from core.settings import load_project_settings  # pydantic: about 0.1-0.2 s of start-up

        return load_project_settings(self)

    @property
    def name(self) -> str:
        section = self.raw_config.get("project")
        name = section.get("name") if isinstance(section, dict) else None
        return name if isinstance(name, str) and name else self.root.name

    def open(self, *, create: bool = False) -> sqlite3.Connection:
        """Open the database.

        `create`: make it where it is missing, which only what fills it may do: a fresh clone of the assistant has
        `workbench.toml` only, but an empty database in the place of one that was lost would hide the loss.
        See `core.store.connection.open_database` for what it raises.
        """
        from core.store.connection import open_database

        if create:
            self.make_state_folder()
        return open_database(self.database_path, create=create)

    def make_state_folder(self) -> bool:
        """Returns whether anything had to be made."""
        ignore = self.state_folder / ".gitignore"
        if ignore.is_file():
            return False
        try:
            self.state_folder.mkdir(exist_ok=True)
            ignore.write_text(GITIGNORE, encoding="utf-8")
        except OSError as error:
            raise ProjectError(f"cannot write to {self.root}: {error}", remedy="Check the folder's permissions.") from error
        return True

    def relative(self, path: Path) -> str:
        """`path` as the database names it: relative to the project, with forward slashes."""
        return Path(os.path.relpath(os.path.realpath(path), self.root)).as_posix()


def printable(path: str) -> str:
    """A path as it can be shown and stored: names that are not UTF-8 with escapes for their odd bytes."""
    return path.encode("utf-8", "backslashreplace").decode()


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ProjectError: it cannot be read, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        remedy = "Check that the file exists, is UTF-8, and may be read by you."
        raise ProjectError(f"cannot be read: {why}", where=Location(str(path)), remedy=remedy) from error
    except tomllib.TOMLDecodeError as error:
        what, place = _place_of(str(error), text)
        raise ProjectError(f"not valid TOML: {what}", where=Location(str(path), *place), remedy="Mend this line.") from error


def _place_of(message: str, text: str) -> tuple[str, tuple[int, int]]:
    """What tomllib says, and the line and column it ends with; the end of the text is that of its last line."""
    what, _, place = message.removesuffix(")").partition(" (at ")
    numbers = re.findall(r"\d+", place)
    if len(numbers) == 2:
        return what, (int(numbers[0]), int(numbers[1]))
    lines = text.rstrip().split("\n")
    return what, (len(lines), len(lines[-1]) + 1)


def _on_one_line(name: str) -> str:
    """A folder's name as it can stand between quotes in a comment."""
    return "".join("'" if character in '"\\' else character if character.isprintable() else " " for character in name)


def find_project(start: Path) -> Project:
    """The project that `start` lies in: the nearest folder upward with a `workbench.toml`.

    Raises:
        ProjectError: there is none, or no such folder.
    """
    if not start.is_dir():
        raise ProjectError(f"{start} is not a folder", remedy="Name the folder of a project, or one below it.")
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / CONFIG_NAME).is_file():
            return Project(candidate)
    raise ProjectError(
        f"no {CONFIG_NAME} in {folder} or any folder above it",
        remedy="Run `workbench init` in the assistant's folder, or name a project with `-C DIR`; `workbench demo` shows one.",
    )


def create_project(folder: Path) -> tuple[Project, tuple[str, ...]]:
    """Write a commented `workbench.toml` and `.workbench/` into `folder`. Existing files are left as they are.

    Returns the project and what was created, relative to `folder`.

    Raises:
        ProjectError: the folder does not exist or cannot be written.
    """
    if not folder.is_dir():
        raise ProjectError(f"{folder} is not a folder", remedy="Create it first, or name the assistant's folder.")
    project = Project(folder.resolve())
    created: list[str] = []
    if not project.config_path.exists():
        text = CONFIG_TEMPLATE.format(name=_on_one_line(project.root.name), compat=DEFAULT_COMPAT)
        try:
            project.config_path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ProjectError(f"cannot write to {folder}: {error}", remedy="Check the folder's permissions.") from error
        created.append(CONFIG_NAME)
    if project.make_state_folder():
        created.append(f"{STATE_FOLDER}/.gitignore")
    if not project.database_path.exists():
        created.append(f"{STATE_FOLDER}/{DATABASE_NAME}")
    project.open(create=True).close()
    return project, tuple(created)
