"""Sets of items, each known by its lowest number: four bytes an item."""

from __future__ import annotations

from array import array


class Forest:
    """At first every item is alone."""

    def __init__(self, size: int) -> None:
        self._parents = array("I", range(size))

    def __len__(self) -> int:
        return len(self._parents)

    def root(self, item: int) -> int:
        """The lowest item of its set."""
        parents = self._parents
        while (parent := parents[item]) != item:
            parents[item] = item = parents[parent]
        return item

    def join(self, one: int, other: int) -> None:
        """Makes one set of the two sets."""
        one, other = self.root(one), self.root(other)
        if one != other:
            self._parents[max(one, other)] = min(one, other)

    def roots(self) -> array[int]:
        """The root of each item. The forest is used up."""
        parents = self._parents
        for item, parent in enumerate(parents):  # parents are lower, so theirs is known already
            parents[item] = parents[parent]
        return parents
