"""The user's keymap (`[keymap]` in config.toml): checked against the action registry before Textual gets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tui.action import Action
from tui.actions import ACTIONS

_KEY = re.compile(r"[a-zA-Z0-9_]+(\+[a-zA-Z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class CheckedKeymap:
    """`keys`: what can be applied, action id to Textual key names. `problems`: a sentence for each entry left out."""

    keys: dict[str, str]
    problems: tuple[str, ...]


def check_keymap(keymap: Mapping[str, str]) -> CheckedKeymap:
    """Leave out entries with an unknown id, no usable key, or a key that another action has on the same screen.

    Two entries may swap their keys: what counts is the keys all actions have in the end.
    """
    known = {action.id: action for action in ACTIONS}
    keys: dict[str, str] = {}
    problems: list[str] = []
    for id_, text in keymap.items():
        if id_ not in known:
            near = get_close_matches(id_, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "docs/keys.md lists them."
            problems.append(f"There is no action `{id_}`: {hint}")
        elif (names := _key_names(text)) is None:
            problems.append(f"`{id_}`: `{text}` names no key. Write e.g. `y`, `ctrl+k` or `f5,slash`.")
        else:
            keys[id_] = names
    while clash := _first_clash(keys):
        id_, key, other = clash
        problems.append(f"`{id_}`: {key} is `{other.id}` ({other.title}) already. Give one of them another key.")
        del keys[id_]
    return CheckedKeymap(keys, tuple(problems))


def keys_in_force(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Textual names of an action's keys with the user's keymap applied."""
    return tuple(key.strip() for key in keymap.get(action.id, action.keys).split(","))


def shown_key(key: str) -> str:
    """A key as people write it: `ctrl+d` is `^d`, `slash` is `/`."""
    names = {
        "slash": "/", "question_mark": "?", "colon": ":", "space": "space", "escape": "esc", "pagedown": "pgdn",
        "pageup": "pgup", "down": "↓", "up": "↑", "full_stop": ".", "comma": ",", "semicolon": ";", "minus": "-",
    }  # fmt: skip
    *modifiers, name = key.split("+")
    text = names.get(name, name.upper() if re.fullmatch(r"f\d+", name) else name)
    if modifiers == ["ctrl"]:
        return f"^{text}"
    return "+".join([*modifiers, text])


def shown_keys(keys: tuple[str, ...]) -> str:
    return " ".join(shown_key(key) for key in keys)


def _key_names(text: str) -> str | None:
    """Comma-separated keys as Textual names them, None if one is none."""
    from textual.keys import _character_to_key

    names = []
    for part in text.split(","):
        key = part.strip() or ("space" if part else "")
        *modifiers, name = key.split("+") if len(key) > 1 else [key]
        if len(name) == 1:
            name = _character_to_key(name)
        key = "+".join([*modifiers, name])
        if not _KEY.fullmatch(key):
            return None
        names.append(key)
    return ",".join(names)


def _first_clash(keymap: Mapping[str, str]) -> tuple[str, str, Action] | None:
    """An entry of the keymap, the key it takes, and the action that has this key on the same screen."""
    for action in ACTIONS:
        if action.id not in keymap:
            continue
        for other in ACTIONS:
            if other.id == action.id or not _meet(action, other):
                continue
            for key in keys_in_force(action, keymap):
                if key in keys_in_force(other, keymap):
                    return action.id, shown_key(key), other
    return None


def _meet(one: Action, other: Action) -> bool:
    """Whether both can be reached at the same time."""
    return one.scope == other.scope or "app" in (one.scope, other.scope)
