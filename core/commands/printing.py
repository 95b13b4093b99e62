"""From commands to text: the canonical spelling of each dialect.

Printing and reading are inverse: `parse(to_text(command, dialect), dialect)` gives the command back, whatever its value
holds. Values print plainly where that reads back as the same value, else in quotes (see `values.py`). Several commands
stand one to a line (Rasa changelog 3.10.0); `None` prints as `None`, typed booleans as `True` and `False`
(`SetSlot.of`).
"""

from __future__ import annotations

from collections.abc import Iterable

from core.commands.dialects import BARE_COMMANDS
from core.commands.models import Clarify, Command, CommandError, Dialect, RestartAgent, SetSlot, SkipQuestion, StartFlow
from core.commands.parse import parse
from core.commands.values import HARD_CHARACTERS, quote


def to_text(command: Command, dialect: Dialect) -> str:
    """The command in the dialect.

    Raises `CommandError` where the dialect has no such command, for instance SkipQuestion in V2.
    """
    if isinstance(command, SetSlot):
        return _set_slot(command, dialect)
    calls = dialect is Dialect.V1
    if isinstance(command, StartFlow):
        return f"StartFlow({command.flow})" if calls else f"start flow {command.flow}"
    if isinstance(command, Clarify):
        return f"Clarify({', '.join(command.flows)})" if calls else _disambiguate(command, dialect)
    if isinstance(command, RestartAgent):
        if not calls:
            return f"restart agent {command.agent}"
    elif (words := BARE_COMMANDS[dialect].get(command)) is not None:
        return f"{words}()" if calls else words
    having = [other for other in Dialect if other is not dialect and _has(command, other)]
    raise CommandError(
        f"Dialect {dialect} has no command {type(command).__name__}.",
        remedy=f"It exists in {', '.join(having)}: choose that dialect, or leave the command out.",
    )


def to_lines(commands: Iterable[Command], dialect: Dialect) -> str:
    """The commands one to a line, without a final line break: the completion of a data point. Raises like `to_text`."""
    return "\n".join(to_text(command, dialect) for command in commands)


def describe(command: Command) -> str:
    """The command for people to read, whatever the dialect: as in V2, with `skip question` for what V2 lacks."""
    return "skip question" if isinstance(command, SkipQuestion) else to_text(command, Dialect.V2)


def _set_slot(command: SetSlot, dialect: Dialect) -> str:
    form = f"SetSlot({command.name}, %s)" if dialect is Dialect.V1 else f"set slot {command.name} %s"
    before, after = form.split("%s")
    if command.value is None:
        return f"{before}None{after}"
    if HARD_CHARACTERS.search(command.value) is None:
        plain = f"{before}{command.value}{after}"
        if _reads_back(command, plain, dialect):
            return plain
    return before + quote(command.value) + after


def _disambiguate(command: Clarify, dialect: Dialect) -> str:
    plain = " ".join(("disambiguate flows", *command.flows))
    if _reads_back(command, plain, dialect):
        return plain
    # Ids such as `start` and `flow` side by side would read as the next command; quoted they cannot.
    return " ".join(("disambiguate flows", *map(quote, command.flows)))


def _reads_back(command: Command, text: str, dialect: Dialect) -> bool:
    """Asking the parser keeps one definition of what is plain, instead of a second one here that would drift."""
    found = parse(text, dialect).commands
    return len(found) == 1 and found[0].command == command and (found[0].start, found[0].end) == (0, len(text))


def _has(command: Command, dialect: Dialect) -> bool:
    if isinstance(command, RestartAgent):
        return dialect is not Dialect.V1
    return command in BARE_COMMANDS[dialect]
