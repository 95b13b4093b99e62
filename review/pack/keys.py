"""Which round a file belongs to: every clone calls its first one `round-1`, so the name alone does not say."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Final

from review.team.models import Round

KEY: Final = "key"
NAME_THERE: Final = "name there"
"""Parameters of a round that was made in another clone: its key, and its name in the files."""


def key_of(round_: Round) -> str:
    """16 hex digits: of a round of another clone its key there, else made of what never changes: name, by whom and when."""
    given = round_.parameters.get(KEY)
    if given is not None:
        return str(given)
    text = json.dumps([round_.name, round_.reviewer, round_.at], ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def name_in_files(round_: Round) -> str:
    """The round's name where it was made."""
    return str(round_.parameters.get(NAME_THERE, round_.name))


def is_of_another_clone(round_: Round) -> bool:
    return KEY in round_.parameters
