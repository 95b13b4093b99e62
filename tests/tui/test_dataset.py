"""Dataset: the versions and, of the chosen one, every tab; where lines lead to."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from rich.cells import cell_len

from core.dataset.quality.stored import stored_path
from core.project import Project
from core.store.connection import transaction
from tests.tui.apps import calm, press, running, screen_of, shown, toasts, until
from tests.tui.dataset_project import looked_into, preflighted, ships, version_of, without_process
from tests.tui.test_app_themes import same_colours
from tui.app import WorkbenchApp
from tui.screens.dataset import DatasetScreen
from tui.screens.dataset_tabs import TABS
from tui.screens.dialogs.why import WhyDialog
from tui.themes import CYCLE
from tui.widgets.transcript_view import TranscriptView

SIZES = ((80, 24), (120, 40))


def pane(app: WorkbenchApp) -> str:
    return screen_of(app, DatasetScreen).pane.text


def words(app: WorkbenchApp) -> str:
    return " ".join(pane(app).split())


async def test_a_project_without_a_dataset_says_what_to_do(project: Project) -> None:
    for size in SIZES:
        async with running(project, "dataset", size=size) as (app, pilot):
            assert "No dataset yet" in shown(app)
            assert "workbench dataset build" in shown(app)
            for key in ("j", "G", "enter", "w", "J", "l", "h", "3", "7", "tab", "escape", "y"):
                await press(app, pilot, key)
            screen_of(app, DatasetScreen)
            assert "No dataset yet" in shown(app)
            assert {title for title, _ in toasts(app)} <= {"Why", ""}


async def test_versions_are_listed_newest_first_with_rows_strategy_and_preflight(project: Project) -> None:
    project = ships(project)
    first = version_of(project)
    second = version_of(project, strategy="recipe", holdout_frac=0.0)
    preflighted(project, first)
    async with running(project, "dataset") as (app, pilot):
        lines = shown(app).splitlines()[3:5]
        assert [line.split()[0].strip("❯") or line.split()[1] for line in lines] == [second.name, first.name]
        assert "recipe" in lines[0]
        assert "none" in lines[0]
        assert "components" in lines[1]
        assert "✗ failed" in lines[1]
        numbers = [f"{count:,}" for count in (sum(first.points.values()), *first.points.values())]
        assert " ".join(numbers) in " ".join(lines[1].split())
        await press(app, pilot, "j")
        version = screen_of(app, DatasetScreen).version
        assert version is not None
        assert version.name == first.name


async def test_split_shows_parts_leaks_and_every_feature(project: Project) -> None:
    project = ships(project)
    version = version_of(project, near_duplicates=0.8)
    recipe = version.summary["split"]["recipe"]
    async with running(project, "dataset", size=(120, 60)) as (app, _):
        text = words(app)
        told = f"{recipe['leaked']} of {recipe['rows']} rows outside of train would have leaked"
        assert f"Under the reference's rule {told}" in text
        assert "No utterance in one state stands on two sides" in text
        assert re.search(r"start flow +\d+ +\d+ %", pane(app))
        assert "language" in text


async def test_under_the_reference_s_rule_leaks_are_leaks(project: Project) -> None:
    project = ships(project)
    version_of(project, strategy="recipe")
    async with running(project, "dataset") as (app, _):
        assert re.search(r"[✓!] \d+ of \d+ rows? outside of train leak", pane(app))


async def test_a_split_that_fell_back_and_lacks_something_says_so(project: Project) -> None:
    import json

    project = ships(project)
    version = version_of(project)
    split = {
        "asked": "components", "strategy": "tests", "components": {"number": 3, "largest": 900, "share": 0.71},
        "totals": {"taken_out": 12}, "recipe": {"rows": 60, "leaked": 41}, "table": [],
        "shortfalls": ["flow `pay` is missing from val: only one test shows it"],
    }  # fmt: skip
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("UPDATE dataset SET summary = ?", (json.dumps({**version.summary, "split": split}),))
    async with running(project, "dataset") as (app, _):
        text = words(app)
        assert "the largest holds 71 % of the rows, more than may stay out of train" in text
        assert "12 rows taken out" in text
        assert "Under the reference's rule 41 of 60 rows outside of train would have leaked" in text
        assert "! flow `pay` is missing from val" in text


async def test_tokens_are_estimated_before_a_preflight_and_counted_after_it(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "2")
        assert "Tokens of a row, estimated" in pane(app)
        assert "── 512 Axolotl's default ─" in pane(app)
        preflighted(project, version)
        await press(app, pilot, "f1", "f7")
        text = pane(app)
        assert "estimated" not in text
        assert "counted by models/base, chat, 170 rows" in text
        lines = text.splitlines()
        at = next(n for n, line in enumerate(lines) if "1,024 TRL's default: 23 rows without their label" in line)
        assert lines[at - 1].split()[:2] == ["1,000–1,199", "20"]  # it stands below the bin that it cuts
        assert "Longest row 1,702 tokens: train with a length of 1,728. <1 % of all tokens are learned." in words(app)


async def test_diversity_stands_beside_the_originals(project: Project) -> None:
    project = ships(project)
    version_of(project)
    async with running(project, "dataset", size=(120, 60)) as (app, pilot):
        await press(app, pilot, "3")
        text = pane(app)
        for part in ("train", "val", "all"):
            assert re.search(rf"^{part}\n +originals +\d+ +0\.\d\d.*\n +one each +\d+.*\n +rephrasings +\d+", text, re.M), part
        assert "Text for text, the rephrasings" in text


async def test_value_names_steps_kinds_and_slots(project: Project) -> None:
    project = ships(project)
    version_of(project)
    async with running(project, "dataset", size=(120, 60)) as (app, pilot):
        await press(app, pilot, "4")
        text = pane(app)
        assert "Steps that more would help most" in text
        assert re.search(r"^rephrasings +\d+ %", text, re.M)
        assert "buy_ticket: start flow" in text
        await press(app, pilot, "enter")  # into the pane: the cursor goes to the first step
        assert screen_of(app, DatasetScreen).pane.current is not None


async def test_what_is_not_measured_is_measured_when_it_is_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    version = version_of(project)
    stored_path(version).unlink()
    without_process(monkeypatch)
    async with running(project, "dataset") as (app, pilot):
        assert not stored_path(version).exists()
        await press(app, pilot, "3")
        await calm(app, pilot)
        assert "Wordings beside the originals" in pane(app)
        assert stored_path(version).exists()


async def test_what_cannot_be_measured_says_why(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    version = version_of(project)
    stored_path(version).unlink()
    (version.folder / "lineage.jsonl").unlink()
    without_process(monkeypatch)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "4")
        await calm(app, pilot)
        assert "has lost its file lineage.jsonl" in pane(app)
        await press(app, pilot, "1")
        assert "start flow" in pane(app)


async def test_lines_of_a_version_that_was_just_built_fit_beside_the_scrollbar(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ships(project)
    without_process(monkeypatch)
    async with running(project, "dataset", size=(80, 24)) as (app, pilot):
        screen = screen_of(app, DatasetScreen)
        before = screen.pane.room
        await press(app, pilot, "b", "j", "l", "l", "b")  # with a holdout: the widest table
        await until(lambda: screen.version, pilot)
        await calm(app, pilot)
        assert screen.pane.show_vertical_scrollbar
        assert screen.pane.room == before
        assert max(line.content.cell_length for line in screen.pane.lines) <= screen.pane.room
        assert "…" not in shown(app)


async def test_enter_and_w_say_where_a_line_comes_from(project: Project) -> None:
    project = ships(project)
    version = version_of(project)
    preflighted(project, version)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "6", "enter", "enter")
        screen_of(app, WhyDialog)
        text = app.screen.query_one(TranscriptView).text
        assert "train:2" in text
        assert "tell me about" in text
        await press(app, pilot, "y", "J", "escape")
        assert screen_of(app, DatasetScreen).pane.has_focus
        await press(app, pilot, "5", "G", "w")
        screen_of(app, WhyDialog)
        await press(app, pilot, "escape", "7", "w")
        assert "stands for no row" in toasts(app)[-1][1]


async def test_keys_and_mouse_go_through_tabs_and_lines(project: Project) -> None:
    project = ships(project)
    version_of(project)
    version_of(project, seed=1)
    async with running(project, "dataset") as (app, pilot):
        screen = screen_of(app, DatasetScreen)
        await press(app, pilot, "h")
        assert screen.tab is TABS[-1]
        await press(app, pilot, "l", "l")
        assert screen.tab is TABS[1]
        line = next(n for n, text in enumerate(shown(app).splitlines()) if "4 Value" in text)
        await pilot.click(offset=(shown(app).splitlines()[line].index("Value") + 1, line))
        await calm(app, pilot)
        assert screen.tab is TABS[3]
        await press(app, pilot, "tab", "G")
        assert screen.pane.cursor == len(screen.pane.lines) - 1
        await press(app, pilot, "g", "pagedown", "k", "escape", "G")
        assert screen.versions.cursor == 1
        await pilot.click(screen.versions, offset=(6, 0))
        await calm(app, pilot)
        assert screen.versions.cursor == 0
        await press(app, pilot, "y")
        assert "Steps that more would help most" in app.clipboard


async def test_the_screen_keeps_its_place_and_shows_what_another_process_built(project: Project) -> None:
    project = ships(project)
    version_of(project)
    async with running(project, "dataset") as (app, pilot):
        screen = screen_of(app, DatasetScreen)
        await press(app, pilot, "4", "enter", "j", "j")
        at = screen.pane.cursor
        await press(app, pilot, "f1", "f7")
        assert (screen.pane.cursor, screen.tab) == (at, TABS[3])
        newest = version_of(project, seed=7)
        await press(app, pilot, "f1", "f7")
        assert newest.name in shown(app)
        assert screen.versions.cursor == 1  # the one that was looked at


HOSTILE = " [/foo] \x1b[31m"


async def test_texts_are_never_markup_and_never_control_the_terminal(project: Project) -> None:
    project = ships(project, hostile=HOSTILE.replace("\x1b", "␛").replace("\x07", ""))
    version = version_of(project)
    preflighted(project, version)
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("UPDATE rephrasing SET edited_text = ?", (f"said {HOSTILE} 表表",))
        connection.execute("UPDATE user_step SET text = ?", (f"first {HOSTILE}",))
        connection.execute("UPDATE conversation SET file = ?", (f"e2e{HOSTILE}.yml",))
    looked_into(project, version)
    for size in SIZES:
        async with running(project, "dataset", size=size) as (app, pilot):
            for number in "1234567":
                await press(app, pilot, number, "tab", "G", "escape")
                text = shown(app)
                assert "\x1b" not in text
                assert {cell_len(line) for line in text.splitlines()} == {size[0]}
            assert toasts(app) == []


async def test_no_color_is_readable_on_every_tab(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    project = ships(project)
    preflighted(project, version_of(project))
    async with running(project, "dataset") as (app, pilot):
        for theme in CYCLE:
            app.theme = theme
            for number in "1246":
                await press(app, pilot, number)
                assert same_colours(app) == [], (theme, number)


async def test_the_overview_shows_the_newest_dataset(project: Project) -> None:
    async with running(project) as (app, pilot):
        assert "none yet: b on F7 builds one" in shown(app)
        project = ships(project)
        version = version_of(project)
        await press(app, pilot, "ctrl+r")
        assert "no preflight: p on F7" in shown(app)
        assert version.name in shown(app)
        preflighted(project, version)
        await press(app, pilot, "ctrl+r")
        assert "preflight failed: F7 says why" in shown(app)
