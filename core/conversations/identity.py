"""Digests that say when a user step is still the same step.

`step_keys` chains the dialogue turns, so that a step's key changes with its own text and with every earlier turn, and
with nothing else: not with its line, its file's other tests, or the slot checks between the turns. `basis_of` adds the
step's commands. Digests are 32 hex characters (BLAKE2b, 128 bits).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

_DIGEST_BYTES = 16

DIALOGUE_KINDS = frozenset({"user", "bot", "utter"})


def digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def step_keys(turns: Iterable[tuple[str, str]]) -> Iterator[str]:
    """One key for each user turn of a conversation, given its (kind, text) turns in order.

    A bot text counts without surrounding white space: a block scalar and a quoted one are the same turn.
    """
    chain = blake2b(digest_size=_DIGEST_BYTES)
    for kind, text in turns:
        if kind not in DIALOGUE_KINDS:
            continue
        said = text if kind == "user" else text.strip()
        chain.update(f"{kind}\x1f{said}\x1e".encode("utf-8", "surrogatepass"))
        if kind == "user":
            yield chain.hexdigest()


def basis_of(key: str, commands: str | None) -> str:
    """What verdicts and decisions on a step's rephrasings are bound to: its key and its commands (canonical JSON)."""
    return digest(f"{key}\x1f{commands or ''}")
