"""Secrets are taken out of what is shown and stored: servers repeat keys, and addresses may hold a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

_SHORTEST: Final = 8
"""Characters; local servers take keys such as `EMPTY`, which are words of answers too."""
_USERINFO: Final = re.compile(r"(?<=://)[^\s`\"'<>]*@")
_PASSWORD: Final = re.compile(r"://[^\s:]*:([^\s]*)@")
_NAMED_LIKE_A_KEY: Final = re.compile(r"key|token|secret|password|auth", re.I)
_MASK: Final = "***"


def masked(text: str, *secrets: str | None) -> str:
    """`text` without the secrets, and without the user names and passwords of addresses in it.

    A long message may be cut off within a secret; the part at its end is taken out as well.
    """
    for secret in secrets:
        if not secret or len(secret) < _SHORTEST:
            continue
        text = text.replace(secret, _MASK)
        kept = text.rstrip("….")
        cut = next((n for n in range(len(secret) - 1, _SHORTEST - 1, -1) if kept.endswith(secret[:n])), 0)
        if cut:
            text = f"{kept[:-cut]}{_MASK}{text[len(kept) :]}"
    return _USERINFO.sub(f"{_MASK}@", text)


def without_secrets(value: Any) -> Any:
    """A setting as it can be shown: no passwords in addresses, nor what is named like a key among free parameters."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _parameters(inner) if key == "extra_body" else without_secrets(inner) for key, inner in value.items()}
    return value


def _parameters(value: Any) -> Any:
    if isinstance(value, Mapping):
        hidden = {key for key, inner in value.items() if isinstance(inner, str) and _NAMED_LIKE_A_KEY.search(str(key))}
        return {key: _MASK if key in hidden else _parameters(inner) for key, inner in value.items()}
    return value


def password_of(url: str) -> str | None:
    """The password in an address, as servers get it."""
    found = _PASSWORD.search(url)
    return unquote(found[1]) if found else None
