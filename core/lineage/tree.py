"""An answer as people read it: lines with lines below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Branch:
    text: str
    below: list[Branch] = field(default_factory=list)

    def add(self, text: str) -> Branch:
        """A line below this one, which is returned."""
        branch = Branch(text)
        self.below.append(branch)
        return branch

    def take(self, *branches: Branch | None) -> None:
        """Adds those that there are."""
        self.below += [branch for branch in branches if branch is not None]

    def lines(self, depth: int = 0) -> Iterator[tuple[int, str]]:
        """(depth, text) from the top."""
        yield depth, self.text
        for branch in self.below:
            yield from branch.lines(depth + 1)


def moment(at: str) -> str:
    """A stored time (ISO 8601, UTC) to the minute: `2026-11-21 09:30`."""
    return at[:16].replace("T", " ")


def counted(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2 rows`, `1,000 rows`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def quoted(text: str) -> str:
    return f"“{text}”"
