"""Coverage: the tree of flows, what is missing with its YAML and the way there, running the tests."""

from __future__ import annotations

from contextlib import closing

import pytest
from rich.cells import cell_len

from core.project import Project
from core.store.coverage import last_report
from tests.core.coverage.small import FLOWS
from tests.tui.apps import calm, press, running, screen_of, shown, toasts
from tests.tui.coverage_project import fill, measured
from tests.tui.test_app_themes import same_colours
from tui.screens.coverage import CoverageScreen
from tui.themes import CYCLE
from tui.widgets.coverage_tree import CoverageTree
from tui.widgets.transcript_view import TranscriptView


def _right(screen: CoverageScreen) -> str:
    return screen.query_one(TranscriptView).text


async def test_an_empty_project_says_what_to_do(project: Project) -> None:
    async with running(project, "coverage") as (app, pilot):
        assert "Nothing measured yet." in shown(app)
        assert "workbench coverage" in shown(app)
        for key in ("j", "G", "enter", "y", "J", "n", "l", "h"):
            await press(app, pilot, key)
        screen_of(app, CoverageScreen)
        assert [title for title, _ in toasts(app)] == ["Copy test"]


async def test_without_an_assistant_running_says_what_is_missing(project: Project) -> None:
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "r")
        assert "no assistant in" in toasts(app)[0][1]
        assert "local ✗" in shown(app)


async def test_r_runs_the_tests_and_shows_what_they_reach(project: Project) -> None:
    fill(project)
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "r")
        text = shown(app)
        assert "Coverage 30.00 % of 10 steps  2 tests passed, 1 failed" in text
        assert "local ✓" in text
        assert toasts(app) == []
    with closing(project.open()) as connection:
        assert last_report(connection) is not None


async def test_flows_that_miss_most_come_first_with_bar_mark_and_count(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, _):
        lines = [line[: line.index("▕")].split() for line in shown(app).splitlines()[2:6]]
        assert lines == [
            ["❯", "all", "flows", "━━━───────", "30", "%", "3/10"],
            ["▸", "greet", "member", "!", "──────────", "0", "%", "0/3"],
            ["▸", "say", "hours", "!", "──────────", "0", "%", "0/2"],
            ["▸", "book", "a", "table", "!", "━━━━━━────", "60", "%", "3/5"],
        ]


async def test_everything_shows_limits_commands_and_what_steps_do_not_show(project: Project) -> None:
    measured(project)
    async with running(project, "coverage", size=(120, 70)) as (app, _):
        text = _right(screen_of(app, CoverageScreen))
        for part in (
            "✗ total coverage is 30.00 %, wanted 90 %",
            "✗ no passing test has the command `cancel flow`",
            "start flow     2  ████████████████",
            "never: day = Monday | Friday",
            "no annotated steps in this project yet",
        ):
            assert part in text, part


async def test_a_flow_opens_and_closes(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        tree = screen_of(app, CoverageScreen).query_one(CoverageTree)
        await press(app, pilot, "G", "enter")
        assert len(tree.rows) == 9
        assert "✓ collect guests" in shown(app)
        assert "✗ call greet_member" in shown(app)
        await press(app, pilot, "j", "h")  # from a step: the flow closes and the cursor goes to it
        assert len(tree.rows) == 4
        assert tree.current is not None
        assert tree.current.key == ("book_table", "")
        await press(app, pilot, "l", "l")
        assert len(tree.rows) == 9


async def test_a_flow_shows_its_branches_and_yaml_with_missing_lines_marked(project: Project) -> None:
    measured(project)
    async with running(project, "coverage", size=(120, 60)) as (app, pilot):
        await press(app, pilot, "G")
        text = _right(screen_of(app, CoverageScreen))
        assert "data/flows.yml:2  3 of 5 steps, 2 different paths" in text
        assert "✓ slots.guests > 8 -> 1_utter_too_many  1" in text
        assert "✗ slots.is_member -> 5_call_greet_member  0" in text
        assert "18       - id: ask_day" in text
        assert "26 ✗             - call: greet_member" in text


async def test_a_missing_step_shows_the_shortest_way_and_its_yaml(project: Project) -> None:
    measured(project)
    async with running(project, "coverage", size=(160, 40)) as (app, pilot):
        await press(app, pilot, "n", "n", "n")
        assert _right(screen_of(app, CoverageScreen)).splitlines() == [
            "action utter_points",
            "data/flows.yml:42-43  step 2_utter_points",
            "✗ no passing test visits it",
            "",
            "Shortest way",
            "fixture    is_member = True",
            "message 1  start flow book_table",
            "message 2  set slot guests 1",
            "message 3  set slot day Monday",
            "message 4  set slot wants_points True",
            "where      not (slots.guests > 8), slots.is_member, slots.wants_points",
            "",
            "42   - action: utter_points",
            "43     next: END",
        ]


async def test_n_and_capital_n_go_through_the_missing_steps_of_all_flows(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        tree = screen_of(app, CoverageScreen).query_one(CoverageTree)
        seen = []
        for _ in range(7):
            await press(app, pilot, "n")
            assert tree.current is not None
            seen.append("/".join(tree.current.key))
        assert seen == [
            "greet_member/0_utter_hello_member", "greet_member/1_collect_wants_points", "greet_member/2_utter_points",
            "say_hours/0_utter_hours", "say_hours/1_link_to_book_table", "book_table/5_call_greet_member", "book_table/closing",
        ]  # fmt: skip
        await press(app, pilot, "n")
        assert "No missing step after this line." in toasts(app)[-1][1]
        await press(app, pilot, "N", "N")
        assert tree.current is not None
        assert tree.current.key == ("say_hours", "1_link_to_book_table")


async def test_a_step_only_failing_tests_visit_says_so(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "n", "n", "n", "n")
        assert "✗ no passing test visits it, 1 time by failing ones" in _right(screen_of(app, CoverageScreen))


async def test_copy_puts_a_test_into_the_clipboard(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "n", "n", "y")
        assert "- test_case: reach greet_member 1_collect_wants_points\n" in app.clipboard
        assert "    - set slot day Monday\n" in app.clipboard


async def test_mouse(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        tree = screen_of(app, CoverageScreen).query_one(CoverageTree)
        await pilot.click(tree, offset=(5, 3))
        assert tree.current is not None
        assert tree.current.key == ("book_table", "")
        await pilot.click(tree, offset=(5, 3))  # again: it opens
        assert len(tree.rows) == 9
        await pilot.click(tree, offset=(9, 8))
        assert tree.current.key == ("book_table", "closing")


async def test_the_cursor_and_open_flows_stay_when_the_tests_run_again(project: Project) -> None:
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "n", "n", "r")
        tree = screen_of(app, CoverageScreen).query_one(CoverageTree)
        assert tree.current is not None
        assert tree.current.key == ("greet_member", "1_collect_wants_points")


async def test_a_run_of_another_process_and_edited_flows_show_on_return(project: Project) -> None:
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "f1")
        measured(project)
        (project.root / "data/flows.yml").write_text(f"# edited\n{FLOWS}", encoding="utf-8")
        await press(app, pilot, "f5")
        assert "Coverage 30.00 %  flows changed since: r of 10 steps" in shown(app)


async def test_a_file_that_is_gone_is_told(project: Project) -> None:
    measured(project)
    (project.root / "data/flows.yml").unlink()
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "n")
        assert "Its file cannot be read." in _right(screen_of(app, CoverageScreen))


async def test_one_run_at_a_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoverageScreen, "_run_tests", lambda self: None)
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "r", "r")
        assert "being run already" in toasts(app)[0][1]


HOSTILE = "[/foo] [red]x[/red]"


async def test_yaml_is_never_markup_and_never_controls_the_terminal(project: Project) -> None:
    fill(project, flows=FLOWS.replace("book a table", f"'{HOSTILE}'").replace("how many", f"'{HOSTILE} 表'"))
    async with running(project, "coverage") as (app, pilot):
        await press(app, pilot, "r")
        (project.root / "data/flows.yml").write_bytes(
            (project.root / "data/flows.yml").read_bytes().replace(b"how", b"\x1b[31mhow").replace(b"name:", b"na\x07me:")
        )
        await press(app, pilot, "G", "f1", "f5", "enter", "j", "k")
        text = shown(app)
        assert HOSTILE in text
        assert "\x1b" not in text
        assert "\x07" not in text
        assert toasts(app) == []


async def test_wide_characters_are_measured(project: Project) -> None:
    fill(project, flows=FLOWS.replace("book a table", "预订一张靠窗的安静的桌子并且提前点菜和饮料"))
    for size in ((80, 24), (120, 40)):
        async with running(project, "coverage", size=size) as (app, pilot):
            await press(app, pilot, "r", "G")
            lines = shown(app).splitlines()
            assert {cell_len(line) for line in lines} == {size[0]}
            assert len({cell_len(line[: line.index("▕")]) for line in lines[2:10]}) == 1


async def test_bars_show_at_eighty_columns(project: Project) -> None:
    measured(project)
    async with running(project, "coverage", size=(80, 24)) as (app, _):
        assert "! ━━━━────  60 %" in shown(app)
        assert "Quit" in shown(app)


async def test_no_color_is_readable_with_a_report(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    measured(project)
    async with running(project, "coverage") as (app, pilot):
        for theme in CYCLE:
            app.theme = theme
            await press(app, pilot, "n")
            assert same_colours(app) == [], theme
            assert "✗ call greet_member" in shown(app) or "✗ action" in shown(app)


async def test_the_overview_shows_it_and_leads_there(project: Project) -> None:
    measured(project)
    async with running(project) as (app, pilot):
        assert "30 % of 10  7 limits missed" in shown(app)
        assert "steps of flows that no passing test reaches" in shown(app)
        await press(app, pilot, "j", "enter")
        screen_of(app, CoverageScreen)


async def test_before_the_first_run_the_overview_proposes_it(project: Project) -> None:
    from tests.core.pipeline.small import TESTS, put

    put(project, "e2e_tests/tickets.yml", TESTS)
    async with running(project) as (app, pilot):
        assert "Measure what the tests reach" in shown(app)
        assert "never measured" in shown(app)
        await press(app, pilot, "enter")
        await calm(app, pilot)
        screen_of(app, CoverageScreen)
