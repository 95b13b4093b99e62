"""Settings: checks, configuration with origin, theme, keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.doctor import Check
from core.project import Project
from core.user import User
from tests.tui.apps import calm, press, running, screen_of, shown, toasts
from tui.screens.settings import SettingsScreen
from tui.screens.settings_text import checks_text
from tui.widgets.choice_list import ChoiceList


async def test_checks_and_configuration_with_origin(project: Project) -> None:
    project.config_path.write_text("[export]\nseed = 7\n", encoding="utf-8")
    async with running(project, "settings", size=(120, 90)) as (app, _):
        text = shown(app)
        assert "write-ahead log works" in text
        lines = {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines() if line.split()}
        assert lines["export.seed"].startswith("7 workbench.toml")
        assert lines["export.train_frac"].startswith("0.8 default")
        assert lines["reviewer"].startswith("tester environment WORKBENCH_REVIEWER")


async def test_wrong_configuration_stays_on_the_screen(project: Project) -> None:
    project.config_path.write_text("[export]\nseed = 'x'\n", encoding="utf-8")
    async with running(project, "settings") as (app, _):
        assert "export.seed" in " ".join(shown(app).split())
        assert "✗ configuration" in shown(app)


async def test_checks_run_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(project, "settings") as (app, pilot):
        monkeypatch.setattr("tui.screens.settings.run_checks", lambda project: [Check("new", "fail", "found", "mend it")])
        await press(app, pilot, "ctrl+r")
        assert "mend it" in shown(app)


def test_what_needs_something_comes_first_with_its_remedy() -> None:
    checks = [Check("good", "ok", "fine", "not shown"), Check("odd", "warn", "hm", "look"), Check("bad", "fail", "no", "mend")]
    text = checks_text(checks, 60).plain
    assert text.index("bad") < text.index("mend") < text.index("odd") < text.index("look") < text.index("good")
    assert "not shown" not in text


async def test_a_theme_is_used_and_kept(project: Project) -> None:
    async with running(project, "settings") as (app, pilot):
        await press(app, pilot, "n", "enter")
        assert app.theme == "textual-light"
        kept = Path(os.environ["WORKBENCH_CONFIG"])
        assert kept.read_text(encoding="utf-8") == 'theme = "textual-light"\n'
        current = screen_of(app, SettingsScreen).query_one(ChoiceList).current
        assert current is not None
        assert (current.id, current.note) == ("textual-light", "in use")
        lines = {line.split()[0]: line.split()[1] for line in shown(app).splitlines() if len(line.split()) > 1}
        assert lines["theme"] == "textual-light"  # in the configuration above


async def test_a_theme_that_cannot_be_kept_is_told(project: Project) -> None:
    Path(os.environ["WORKBENCH_CONFIG"]).write_text("[broken\n", encoding="utf-8")
    async with running(project, "settings") as (app, pilot):
        app.clear_notifications()
        await press(app, pilot, "n", "enter")
        assert "cannot keep the theme" in toasts(app)[0][1]


async def test_a_theme_set_elsewhere_shows(project: Project) -> None:
    async with running(project, "settings") as (app, pilot):
        app.theme = "nord"
        await calm(app, pilot)
        choices = screen_of(app, SettingsScreen).query_one(ChoiceList)
        assert [one.id for one in choices.choices if one.note == "in use"] == ["nord"]


async def test_own_keys_are_listed(project: Project) -> None:
    user = User("tester", keymap={"review.accept": "z,f9", "review.skip": "x"})
    async with running(project, "settings", user=user, size=(120, 130)) as (app, _):
        text = shown(app)
        assert "review.skip = x  left out" in text
        line = next(line for line in text.splitlines() if "review.accept" in line)
        assert "Accept" in line


async def test_it_scrolls(project: Project) -> None:
    async with running(project, "settings", size=(80, 24)) as (app, pilot):
        await press(app, pilot, *["pagedown"] * 6, "j")
        assert "tokyo-night" in shown(app)
        await press(app, pilot, *["pageup"] * 6, "k")
        assert "Checks" in shown(app)
