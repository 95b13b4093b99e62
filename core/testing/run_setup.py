"""From what a caller names (paths, where commands come from, who runs actions) to a run: shared by all that run tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.assistant.files import is_root, yaml_files
from core.assistant.models import Assistant
from core.assistant.reading import load_assistant
from core.dialogue.compat import DEFAULT, compat
from core.errors import Problem, UsageError
from core.llm.models import Role
from core.project import Project
from core.testing.action_sources import ActionMode, action_sources
from core.testing.cases import LoadedTest, TestSet, cannot_run, failed_first, load_tests
from core.testing.command_sources import CommandSource, Lookup, RecordedCommands, in_test_file, stored_commands
from core.testing.commands_file import file_commands
from core.testing.last_run import read_failed
from core.testing.llm_setup import AskRole, asked_commands, is_llm, judge_of, role_of
from core.testing.runner import Runner
from core.testing.selection import Selector, parse_keyword, parse_selector
from core.testing.tested import tested

RECORDED = "recorded"
DEFAULT_FOLDERS = ("e2e_tests", "tests", "dialogue_understanding_tests")
"""Where tests are looked for in an assistant's folder if none are named."""
SERVER_JOBS = 8
"""Conversations at a time if actions are run by a server: they wait for it most of the time."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`paths`: as in `workbench test PATH...`. `commands`: `recorded`, or files with commands; the first that knows a step
    wins, and with `llm` or `llm:ROLE` among them a model is asked for what none of them knows. `jobs` None: as many as make
    sense. `assistant` None: found from the project and the paths.
    """

    paths: tuple[str, ...] = ()
    commands: tuple[str, ...] = (RECORDED,)
    keyword: str = ""
    failed_first: bool = False
    jobs: int | None = None
    actions: ActionMode = ActionMode.AUTO
    assistant: Path | None = None


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """All that is needed to run the tests: `runner.run(tests, jobs=jobs)`."""

    runner: Runner
    tests: tuple[LoadedTest, ...]
    jobs: int
    assistant: Assistant
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def prepare_run(
    options: RunOptions,
    *,
    folder: Path,
    with_problems: bool = False,
    project: Project | None = None,
    source: CommandSource | None = None,
    models: AskRole | None = None,
) -> PreparedRun:
    """Reads the assistant and the tests. `folder`: where the assistant is if nothing else says so. `source`: commands from
    elsewhere, instead of `options.commands`. `with_problems`: tests are prepared although others have problems.
    `models`: for `llm` among the commands, and for assertions that need a judge, if one is configured.

    Raises:
        UsageError: a path or name does not exist, nothing is selected, or no action server listens.
        ProjectError, TemplateError: a model is to be asked, and it or the prompt's template is not configured rightly.
        InputError: a test file or a file of commands is wrong, with every problem.
        AssistantError: the assistant cannot be read, with every problem.
    """
    selectors = [parse_selector(path) for path in options.paths]
    keyword = parse_keyword(options.keyword) if options.keyword.strip() else None
    root = options.assistant if options.assistant is not None else _assistant_of(selectors, project, folder)
    assistant = load_assistant(root)
    home = Path(assistant.root)
    rules = compat(project.settings.project.compat if project is not None else DEFAULT)
    found = load_tests(
        selectors or _default_selectors(home),
        home,
        shown_as=_shown_from(project, folder),
        keyword=keyword,
        assertions_rule_the_test=not rules.assertions_by_step,
    )
    if found.problems and not with_problems:
        raise cannot_run(found.problems)
    under_test = tested(assistant, rules)
    actions = action_sources(options.actions, under_test.engine)
    role = role_of(options.commands)
    if source is None:
        source = recorded = _recorded([name for name in options.commands if not is_llm(name)], project)
        if role is not None:
            source = asked_commands(role, project, under_test.engine, models, recorded)
    jobs = options.jobs
    if jobs is None:
        jobs = _jobs(role, project, has_server=actions.endpoint is not None)
    runner = Runner(under_test, source, actions, judge_of(project, models))
    return PreparedRun(runner, _in_order(found, options, project), jobs, assistant, found.warnings, found.problems)


def _jobs(role: Role | None, project: Project | None, *, has_server: bool) -> int:
    """Conversations that wait for a model may be as many as it may be asked at once."""
    settings = project.settings.llm.role(role) if role is not None and project is not None else None
    if settings is not None:
        return settings.max_in_flight
    return SERVER_JOBS if has_server else 1


def _in_order(found: TestSet, options: RunOptions, project: Project | None) -> tuple[LoadedTest, ...]:
    if not options.failed_first:
        return found.tests
    if project is None:
        raise UsageError("--failed-first needs a project, which remembers the last run", remedy="Run `workbench init`.")
    return failed_first(found.tests, read_failed(project.state_folder))


def _assistant_of(selectors: Sequence[Selector], project: Project | None, folder: Path) -> Path:
    """The nearest folder at or above the tests that is laid out as an assistant, else those below; the project's or this
    one otherwise.
    """
    fallback = project.root if project is not None else folder
    found: dict[Path, None] = {}
    for selector in selectors:
        path = selector.path.resolve()
        stop = project.root if project is not None and path.is_relative_to(project.root) else None
        above = [path, *path.parents]
        if stop is not None:
            above = [one for one in above if one.is_relative_to(stop)]
        nearest = next((one for one in above if is_root(one)), None)
        below = yaml_files(path)[1] if nearest is None and path.is_dir() else []
        found.update(dict.fromkeys([nearest] if nearest is not None else below or [fallback]))
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise UsageError(f"the tests belong to several assistants: {names}", remedy="Run them one by one, or name --assistant.")
    return next(iter(found), fallback)


def _default_selectors(home: Path) -> list[Selector]:
    return [Selector(home / name) for name in DEFAULT_FOLDERS if (home / name).is_dir()] or [Selector(home)]


def _shown_from(project: Project | None, folder: Path) -> Callable[[Path], str]:
    """Files are named as the project's database names them, else from the folder of the call."""
    root = (project.root if project is not None else folder).resolve()

    def shown(path: Path) -> str:
        resolved = path.resolve()
        return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(path)

    return shown


def _recorded(names: Sequence[str], project: Project | None) -> RecordedCommands:
    lookups: list[Lookup] = []
    for name in names:
        if name == RECORDED:
            if project is not None and project.database_path.is_file():
                with closing(project.open()) as connection:
                    lookups.append(stored_commands(connection, project.relative))
            lookups.append(in_test_file)
    files = [Path(name) for name in names if name != RECORDED]
    if files:
        lookups.append(file_commands(*files))
    return RecordedCommands(tuple(lookups))
