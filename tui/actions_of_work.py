"""The part of the list of actions (`tui.actions`) for the screens where something runs: Coverage, Stages, Dataset, Team."""

from __future__ import annotations

from tui.action import Action


def stage_actions(scope: str) -> tuple[Action, ...]:
    """Each stage is started by the same key wherever it can be started."""
    return tuple(
        Action(f"{scope}.{stage}", stage[0], stage.capitalize(), what, f"start('{stage}')", "Stages", footer=True)
        for stage, what in (
            ("annotate", "Let a model find the commands of the tests' user messages; what it will cost is shown first"),
            ("rephrase", "Let a model say each user message in other words; what it will cost is shown first"),
            ("validate", "Let a model judge each rephrasing; what it will cost is shown first"),
        )
    )


def _tab_actions() -> tuple[Action, ...]:
    """The tabs of the Dataset screen, in their order."""
    tabs = (
        ("Split", "How the rows were divided, and what would have leaked"),
        ("Tokens", "How long the rows are, with the limits of trainers"),
        ("Diversity", "How varied the wordings are beside the originals"),
        ("Value", "Which steps and kinds more rows would help, and which repeat"),
        ("Left out", "Duplicates with their twins, and what else was left out"),
        ("Preflight", "What the preflight found, with rows and fixes"),
        ("Holdout", "Who looked at the sealed part"),
    )
    return tuple(
        Action(f"dataset.tab_{title.lower().replace(' ', '_')}", str(number + 1), title, what, f"tab({number})", "Tabs")
        for number, (title, what) in enumerate(tabs)
    )


WORK_ACTIONS: tuple[Action, ...] = (
    Action("coverage.run", "r", "Run tests", "Run the tests and measure again", "run_tests", "Do", footer=True),
    Action(
        "coverage.unfold",
        "enter,space",
        "Unfold",
        "Show or hide the steps of a flow",
        "unfold",
        "Do",
        footer=True,
        symbol="⏎",
    ),
    Action("coverage.copy", "y", "Copy test", "Copy a test that goes the shortest way to this step", "copy", "Do", footer=True),
    Action(
        "coverage.next_missing",
        "n",
        "Missing",
        "Jump to the next step that no passing test reaches",
        "next_missing(1)",
        "Move",
        footer=True,
    ),
    Action(
        "coverage.previous_missing", "N", "Previous missing", "Jump to the previous missing step", "next_missing(-1)", "Move"
    ),
    Action("coverage.down", "j,down", "Down", "Next line", "move(1)", "Move"),
    Action("coverage.up", "k,up", "Up", "Previous line", "move(-1)", "Move"),
    Action("coverage.page_down", "pagedown,ctrl+d", "Page down", "A page down", "page(1)", "Move"),
    Action("coverage.page_up", "pageup,ctrl+u", "Page up", "A page up", "page(-1)", "Move"),
    Action("coverage.first", "g,home", "First", "Top of the list", "jump(0)", "Move"),
    Action("coverage.last", "G,end", "Last", "End of the list", "jump(-1)", "Move"),
    Action("coverage.close", "h,left", "Close", "Hide the steps of this flow", "close", "Move"),
    Action("coverage.open", "l,right", "Open", "Show the steps of this flow", "open", "Move"),
    Action("coverage.scroll_down", "J,shift+down", "Scroll down", "Scroll the text at the right", "scroll(3)", "Move"),
    Action("coverage.scroll_up", "K,shift+up", "Scroll up", "Scroll the text at the right", "scroll(-3)", "Move"),
    *stage_actions("stages"),
    Action(
        "stages.pause",
        "space,p",
        "Pause",
        "Hold questions back, or go on; those on their way are waited for",
        "pause",
        "Running",
        footer=True,
        symbol="␣",
    ),
    Action(
        "stages.stop",
        "x",
        "Stop",
        "Wait for the answers on their way and stop; pressed again: stop at once. What was answered is kept",
        "stop",
        "Running",
        footer=True,
    ),
    Action(
        "stages.open",
        "enter,o",
        "Open",
        "A run: show or hide what failed in it. An item: its text, the question and the answer as they were sent",
        "open",
        "Look",
        footer=True,
        symbol="⏎",
    ),
    Action(
        "stages.next_problem", "n", "Next problem", "Jump to the next item that failed", "next_problem(1)", "Look", footer=True
    ),
    Action("stages.previous_problem", "N", "Previous problem", "Jump to the previous one", "next_problem(-1)", "Look"),
    Action("stages.copy", "y", "Copy", "Copy what the text at the right says", "copy", "Look"),
    Action("stages.down", "j,down", "Down", "Next line", "move(1)", "Move"),
    Action("stages.up", "k,up", "Up", "Previous line", "move(-1)", "Move"),
    Action("stages.page_down", "pagedown,ctrl+d", "Page down", "A page down", "page(1)", "Move"),
    Action("stages.page_up", "pageup,ctrl+u", "Page up", "A page up", "page(-1)", "Move"),
    Action("stages.first", "g,home", "First", "Top of the list", "jump(0)", "Move"),
    Action("stages.last", "G,end", "Last", "End of the list", "jump(-1)", "Move"),
    Action("stages.fold", "h,left", "Close", "Hide what failed in this run", "fold(False)", "Move"),
    Action("stages.unfold", "l,right", "Unfold", "Show what failed in this run", "fold(True)", "Move"),
    Action("stages.scroll_down", "J,shift+down", "Scroll down", "Scroll the text at the right", "scroll(3)", "Move"),
    Action("stages.scroll_up", "K,shift+up", "Scroll up", "Scroll the text at the right", "scroll(-3)", "Move"),
    Action("dataset.build", "b", "Build", "Build a new version; what it is to be is asked first", "build", "Do", footer=True),
    Action(
        "dataset.preflight",
        "p",
        "Preflight",
        "Check the version with the tokenizer and chat template of the model to be trained",
        "preflight",
        "Do",
        footer=True,
    ),
    Action("dataset.stop", "x", "Stop", "Stop the build or the preflight; nothing of it is stored", "stop", "Do", footer=True),
    Action(
        "dataset.open",
        "enter,o",
        "Open",
        "A version: go through what is below. A line below: where it comes from",
        "open",
        "Look",
        footer=True,
        symbol="⏎",
    ),
    Action(
        "dataset.why",
        "w",
        "Why",
        "Where the row, step or rephrasing at the cursor comes from, and what became of it",
        "why",
        "Look",
        footer=True,
    ),
    Action("dataset.pane", "tab", "Switch", "Between the versions and what is below", "pane", "Look", footer=True),
    Action("dataset.back", "escape", "Back", "To the versions", "back", "Look"),
    Action("dataset.next_tab", "l,right", "Next tab", "Show the next tab", "next_tab(1)", "Tabs"),
    Action("dataset.previous_tab", "h,left", "Previous tab", "Show the tab before", "next_tab(-1)", "Tabs"),
    *_tab_actions(),
    Action("dataset.copy", "y", "Copy", "Copy what is below", "copy", "Look"),
    Action("dataset.down", "j,down", "Down", "Next line", "move(1)", "Move"),
    Action("dataset.up", "k,up", "Up", "Previous line", "move(-1)", "Move"),
    Action("dataset.page_down", "pagedown,ctrl+d", "Page down", "A page down", "page(1)", "Move"),
    Action("dataset.page_up", "pageup,ctrl+u", "Page up", "A page up", "page(-1)", "Move"),
    Action("dataset.first", "g,home", "First", "Top of the list", "jump(0)", "Move"),
    Action("dataset.last", "G,end", "Last", "End of the list", "jump(-1)", "Move"),
    Action("dataset.scroll_down", "J,shift+down", "Scroll down", "Scroll what is below", "scroll(3)", "Move"),
    Action("dataset.scroll_up", "K,shift+up", "Scroll up", "Scroll what is below", "scroll(-3)", "Move"),
    Action(
        "team.push",
        "p",
        "Push",
        "Hand out what one person should not decide alone; how many, why and what is asked of the team is shown first",
        "push",
        "Do",
        footer=True,
    ),
    Action("team.pull", "s", "Sync", "Get the answers that came since the last time", "pull", "Do", footer=True),
    Action(
        "team.stop",
        "x",
        "Stop",
        "Stop after the call that is on its way; what was sent or read stays",
        "stop",
        "Do",
        footer=True,
    ),
    Action(
        "team.open",
        "enter,o",
        "Open",
        "What waits here: decide it in Review, with all answers side by side. A round: what of it the team disagrees on",
        "open",
        "Look",
        footer=True,
        symbol="⏎",
    ),
    Action(
        "team.browse",
        "w",
        "Web",
        "Open the round in the browser; the address goes to the clipboard too",
        "browse",
        "Do",
        footer=True,
    ),
    Action(
        "team.automatic",
        "a",
        "Auto",
        "Pull every five minutes while a round is out, or no longer",
        "automatic",
        "Do",
        footer=True,
    ),
    Action(
        "team.refresh",
        "ctrl+r",
        "Check again",
        "Ask the server again whether it answers, and count again",
        "refresh_team",
        "Do",
    ),
    Action("team.down", "j,down", "Down", "Next line that leads somewhere", "move(1)", "Move"),
    Action("team.up", "k,up", "Up", "Previous line that leads somewhere", "move(-1)", "Move"),
    Action("team.page_down", "pagedown,ctrl+d", "Page down", "A page down", "page(1)", "Move"),
    Action("team.page_up", "pageup,ctrl+u", "Page up", "A page up", "page(-1)", "Move"),
    Action("team.first", "g,home", "First", "Top of the list", "jump(0)", "Move"),
    Action("team.last", "G,end", "Last", "End of the list", "jump(-1)", "Move"),
)
