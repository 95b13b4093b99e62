"""The one list of everything a user can do with a key.

From it come the bindings of every screen, the footer, the help overlay, the command palette, the user's keymap and
`docs/keys.md`. An action is carried out by the method `action_<name>` of the screen it belongs to (`app`: of the app).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.action import Action
from tui.actions_of_work import WORK_ACTIONS, stage_actions

if TYPE_CHECKING:
    from textual.binding import BindingType

Scope = Literal["app", "overview", "conversations", "review", "settings", "coverage", "stages", "dataset", "team"]


ACTIONS: tuple[Action, ...] = (
    Action(
        "app.overview",
        "f1,ctrl+1",
        "Overview",
        "The pipeline with counts and the next action",
        "go('overview')",
        "Screens",
    ),
    Action(
        "app.conversations",
        "f2,ctrl+2",
        "Conversations",
        "Browse and read all conversations",
        "go('conversations')",
        "Screens",
    ),
    Action("app.review", "f3,ctrl+3", "Review", "Accept or reject rephrasings", "go('review')", "Screens"),
    Action(
        "app.settings",
        "f4,ctrl+4",
        "Settings",
        "Configuration, keys and checks of the environment",
        "go('settings')",
        "Screens",
    ),
    Action(
        "app.coverage",
        "f5,ctrl+5",
        "Coverage",
        "What the tests reach, and the shortest way to the rest",
        "go('coverage')",
        "Screens",
    ),
    Action(
        "app.stages",
        "f6,ctrl+6",
        "Stages",
        "The stage that asks a model now, what came of the last ones, and what failed",
        "go('stages')",
        "Screens",
    ),
    Action(
        "app.dataset",
        "f7,ctrl+7",
        "Dataset",
        "Dataset versions: split, lengths, diversity, what was left out, preflight",
        "go('dataset')",
        "Screens",
    ),
    Action(
        "app.team",
        "f8,ctrl+8,t",
        "Team",
        "What is with the team in Argilla, what it answered, and what of that waits here",
        "go('team')",
        "Screens",
    ),
    Action(
        "app.palette",
        "ctrl+p,colon",
        "Palette",
        "Find any action by name",
        "command_palette",
        "Screens",
        footer=True,
        symbol="^p",
    ),
    Action("app.help", "question_mark", "Help", "Keys and words of this screen", "help", "Screens", footer=True, symbol="?"),
    Action("app.theme", "ctrl+t", "Theme", "Next colour theme", "next_theme", "Screens"),
    Action("app.quit", "ctrl+q,q", "Quit", "Leave; everything is saved", "quit", "Screens", footer=True),
    Action(
        "review.accept",
        "a",
        "Accept",
        "Same meaning, right commands: goes into the training data",
        "decide('accept')",
        "Decide",
        footer=True,
    ),
    Action(
        "review.reject",
        "x",
        "Reject",
        "Stays out; a reason can follow with one more key",
        "decide('reject')",
        "Decide",
        footer=True,
    ),
    Action(
        "review.skip",
        "space",
        "Skip",
        "Leave it for later and go on",
        "decide('skip')",
        "Decide",
        footer=True,
        symbol="␣",
    ),
    Action(
        "review.flag",
        "f",
        "Flag",
        "Needs a second opinion; never exported while flagged",
        "decide('flag')",
        "Decide",
        footer=True,
    ),
    Action(
        "review.edit",
        "e",
        "Edit",
        "Change the text; the original is kept and the edit is accepted",
        "edit",
        "Decide",
        footer=True,
    ),
    Action("review.add", "i", "Add", "Add a rephrasing of this step by hand", "add", "Decide"),
    Action("review.commands", "c", "Commands", "Correct the step's expected commands", "commands", "Decide", footer=True),
    Action(
        "review.undo",
        "u",
        "Undo",
        "Take back the last action; as often as you like, across restarts",
        "undo",
        "Decide",
        footer=True,
    ),
    Action("review.redo", "U", "Redo", "Bring back what was undone", "redo", "Decide"),
    Action("review.reason", "r", "Reason", "Give the last rejection a reason", "reason", "Decide"),
    Action(
        "review.next_open",
        "n",
        "Next undecided",
        "Jump to the next rephrasing that waits",
        "next_open",
        "Move",
        footer=True,
    ),
    Action(
        "review.previous_open",
        "N",
        "Previous undecided",
        "Jump to the previous rephrasing that waits",
        "previous_open",
        "Move",
    ),
    Action("review.down", "j,down", "Down", "Next rephrasing", "move(1)", "Move"),
    Action("review.up", "k,up", "Up", "Previous rephrasing", "move(-1)", "Move"),
    Action("review.page_down", "pagedown,ctrl+d", "Page down", "A page of the queue down", "page(1)", "Move"),
    Action("review.page_up", "pageup,ctrl+u", "Page up", "A page of the queue up", "page(-1)", "Move"),
    Action("review.first", "g,home", "First", "Top of the queue", "jump(0)", "Move"),
    Action("review.last", "G,end", "Last", "End of the queue", "jump(-1)", "Move"),
    Action("review.scroll_down", "J,shift+down", "Scroll down", "Scroll the rephrasing's pane", "scroll(3)", "Move"),
    Action("review.scroll_up", "K,shift+up", "Scroll up", "Scroll the rephrasing's pane", "scroll(-3)", "Move"),
    Action(
        "review.filter",
        "slash",
        "Filter",
        "Show only what matches, e.g. flow:renew_loan state:open verdict:ambiguous",
        "filter",
        "Move",
        footer=True,
        symbol="/",
    ),
    Action(
        "review.order",
        "O",
        "Order",
        "By conversation, most uncertain first, most valuable first, or random with the bound on errors",
        "order",
        "Move",
    ),
    Action("review.clear", "escape", "Clear", "End the range, else clear the filter", "clear", "Move"),
    Action("review.range", "v", "Range", "Mark a range from here; A or X decides all of it", "range", "Many at once"),
    Action(
        "review.accept_all",
        "A",
        "Accept all",
        "Accept the range, or all that the filter shows, after a count and a question",
        "decide_all('accept')",
        "Many at once",
    ),
    Action(
        "review.reject_all",
        "X",
        "Reject all",
        "Reject the range, or all that the filter shows, after a count and a question",
        "decide_all('reject')",
        "Many at once",
    ),
    Action("review.copy", "y", "Copy", "Copy the rephrasing to the clipboard", "copy", "Look"),
    Action("review.log", "l", "Last decisions", "The last ten decisions, to see and to take back", "log", "Look"),
    Action("review.open", "o,enter", "Open conversation", "Read the whole conversation", "open", "Look"),
    Action("review.pane_queue", "1", "Queue pane", "Show or hide the queue", "pane('queue')", "Look"),
    Action(
        "review.pane_conversation",
        "2",
        "Conversation pane",
        "Show or hide the conversation",
        "pane('conversation')",
        "Look",
    ),
    Action("review.pane_item", "3", "Rephrasing pane", "Show or hide the rephrasing", "pane('item')", "Look"),
    Action(
        "review.pane_siblings",
        "4",
        "Siblings pane",
        "Show or hide the step's other rephrasings",
        "pane('siblings')",
        "Look",
    ),
    Action("conversations.down", "j,down", "Down", "Next conversation", "move(1)", "Move"),
    Action("conversations.up", "k,up", "Up", "Previous conversation", "move(-1)", "Move"),
    Action("conversations.page_down", "pagedown,ctrl+d", "Page down", "A page down", "page(1)", "Move"),
    Action("conversations.page_up", "pageup,ctrl+u", "Page up", "A page up", "page(-1)", "Move"),
    Action("conversations.first", "g,home", "First", "Top of the list", "jump(0)", "Move"),
    Action("conversations.last", "G,end", "Last", "End of the list", "jump(-1)", "Move"),
    Action("conversations.scroll_down", "J,shift+down", "Scroll down", "Scroll the transcript", "scroll(3)", "Move"),
    Action("conversations.scroll_up", "K,shift+up", "Scroll up", "Scroll the transcript", "scroll(-3)", "Move"),
    Action(
        "conversations.filter",
        "slash",
        "Filter",
        "Show only what matches: text, flow:, command:, file:, test:, state:, verdict:",
        "filter",
        "Move",
        footer=True,
        symbol="/",
    ),
    Action("conversations.clear", "escape", "Clear", "Clear the filter", "clear", "Move"),
    Action(
        "conversations.review",
        "enter,r",
        "Review these",
        "Review the rephrasings of this conversation",
        "review",
        "Do",
        footer=True,
    ),
    Action("conversations.copy", "y", "Copy", "Copy the transcript to the clipboard", "copy", "Do", footer=True),
    Action("overview.review", "enter", "Next action", "Do what the overview proposes", "next", "Do", footer=True, symbol="⏎"),
    Action("overview.down", "j,down", "Down", "Next of what waits", "move(1)", "Do"),
    Action("overview.up", "k,up", "Up", "Previous of what waits", "move(-1)", "Do"),
    Action("overview.refresh", "ctrl+r", "Refresh", "Count again", "refresh_counts", "Do"),
    *stage_actions("overview"),
    Action("settings.refresh", "ctrl+r", "Check again", "Run the checks again", "refresh_checks", "Do", footer=True),
    Action("settings.down", "j,down", "Down", "Scroll down", "scroll(1)", "Move"),
    Action("settings.up", "k,up", "Up", "Scroll up", "scroll(-1)", "Move"),
    Action("settings.page_down", "pagedown,ctrl+d", "Page down", "A page down", "scroll(20)", "Move"),
    Action("settings.page_up", "pageup,ctrl+u", "Page up", "A page up", "scroll(-20)", "Move"),
    Action("settings.next_theme", "n,right", "Next theme", "Mark the next theme of the list", "theme(1)", "Theme", footer=True),
    Action("settings.previous_theme", "N,left", "Previous theme", "Mark the previous theme", "theme(-1)", "Theme"),
    Action("settings.use_theme", "enter", "Use theme", "Use the marked theme from now on", "choose", "Theme", footer=True),
    *WORK_ACTIONS,
)


def actions_of(scope: str) -> tuple[Action, ...]:
    return tuple(action for action in ACTIONS if action.scope == scope)


def bindings_of(scope: Scope) -> list[BindingType]:
    """The Textual bindings of a screen, with ids, so that the user's keymap applies."""
    from textual.binding import Binding

    return [
        Binding(
            action.keys,
            action.call,
            action.title,
            show=action.footer,
            key_display=action.symbol,
            tooltip=action.help,
            id=action.id,
        )
        for action in actions_of(scope)
    ]
