"""Who gets which record, where each person gets a file of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.errors import UsageError


def share_out(count: int, people: Sequence[str], overlap: int) -> list[tuple[str, ...]]:
    """For each of `count` records the `overlap` people it goes to.

    Those with the fewest records so far come first, and of them those who have the fewest in common: nobody has more than
    one record more than anybody else, and everybody can be compared with everybody. The same call gives the same shares.

    Raises:
        UsageError: fewer people than answers wanted, or one is named twice.
    """
    if len(set(people)) < len(people):
        twice = next(name for name in people if people.count(name) > 1)
        raise UsageError(f"`{twice}` is named twice", remedy="Name everybody once.")
    if len(people) < overlap:
        raise UsageError(
            f"{overlap} answers are wanted of each record, and there are {len(people)} people",
            remedy=f"Name more people, or ask for fewer answers: --overlap {len(people)}.",
        )
    load: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    place = {name: at for at, name in enumerate(people)}
    shares = []
    for _ in range(count):
        chosen: list[str] = []
        while len(chosen) < overlap:
            free = (name for name in people if name not in chosen)
            taken = tuple(chosen)
            chosen.append(min(free, key=lambda name: (load[name], sum(together[name, one] for one in taken), place[name])))
        for name in chosen:
            load[name] += 1
            together.update((name, other) for other in chosen if other != name)
        shares.append(tuple(sorted(chosen, key=lambda name: place[name])))
    return shares
