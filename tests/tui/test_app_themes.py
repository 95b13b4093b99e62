"""Themes, NO_COLOR, and keeping a choice."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.project import Project
from core.user import User
from tests.tui.apps import fill, press, running, toasts
from tui.app import WorkbenchApp
from tui.themes import CYCLE, next_theme, save_theme


def test_the_cycle_has_light_dark_and_ansi() -> None:
    seen = [CYCLE[0]]
    for _ in CYCLE:
        seen.append(next_theme(seen[-1]))
    assert seen == [*CYCLE, CYCLE[0]]
    assert next_theme("nord") == CYCLE[0]


async def test_the_users_theme_is_there_from_the_start(project: Project) -> None:
    async with running(project, user=User("tester", theme="textual-light")) as (app, _):
        assert app.theme == "textual-light"
        assert app.has_class("-light-mode")


async def test_an_unknown_theme_is_told(project: Project) -> None:
    async with running(project, user=User("tester", theme="mauve")) as (app, _):
        assert "There is no theme `mauve`" in toasts(app)[0][1]
        assert app.theme == "textual-dark"


async def test_the_key_goes_through_the_themes(project: Project) -> None:
    async with running(project) as (app, pilot):
        await press(app, pilot, "ctrl+t")
        assert app.theme == "textual-light"


def same_colours(app: WorkbenchApp) -> list[str]:
    """Texts whose colour is that of their background."""
    found = []
    for strip in app.screen._compositor.render_strips():
        for one in app.get_line_filters():
            strip = strip.apply_filter(one, app.screen.background_colors[1])
        for text, style, _ in strip:
            if text.strip() and style and style.color and style.color == style.bgcolor and not style.color.is_default:
                found.append(text)
    return found


@pytest.mark.parametrize("start", ["overview", "conversations", "review", "settings", "coverage"])
async def test_no_color_is_readable_in_every_theme(project: Project, monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fill(project)
    async with running(project, start) as (app, pilot):  # type: ignore[arg-type]
        for theme in CYCLE:
            app.theme = theme
            await pilot.pause()
            assert same_colours(app) == [], theme


async def test_no_color_with_an_ansi_theme_of_the_user(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(project, user=User("tester", theme="ansi-dark")) as (app, _):
        assert same_colours(app) == []
        colours = {style.color for strip in app.screen._compositor.render_strips() for _, style, _ in strip if style}
        assert all(colour is None or colour.is_default for colour in colours)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "reviewer = 'maria'\n",
        "theme = 'nord'\n# mine\n",
        '[keymap]\n"review.accept" = "y"\n',
        "x = 1\n[theme_of]\ntheme = 'a'\n",
    ],
)
def test_keeping_a_theme_changes_nothing_else(tmp_path: Path, before: str) -> None:
    path = tmp_path / "deep" / "config.toml"
    path.parent.mkdir()
    path.write_text(before, encoding="utf-8")
    save_theme(path, "gruvbox")
    after = path.read_text(encoding="utf-8")
    assert tomllib.loads(after) == {**tomllib.loads(before), "theme": "gruvbox"}
    assert ("# mine" in before) == ("# mine" in after)
    assert list(path.parent.iterdir()) == [path]


def test_a_new_configuration_is_made(tmp_path: Path) -> None:
    save_theme(tmp_path / "new" / "config.toml", "nord")
    assert (tmp_path / "new" / "config.toml").read_text(encoding="utf-8") == 'theme = "nord"\n'


def test_a_broken_configuration_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[broken\n", encoding="utf-8")
    with pytest.raises(ProjectError):
        save_theme(path, "nord")
    assert path.read_text(encoding="utf-8") == "[broken\n"
