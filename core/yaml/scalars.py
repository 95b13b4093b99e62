"""What a plain YAML scalar means under YAML 1.2, and which texts other loaders would not read as text.

Of the YAML 1.1 surprises none applies: `yes`, `on`, `12:30:45`, `2024-01-01` and `1_000` are text, and `010` is ten.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: dict[str, Any] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_INT = 4000  # int() refuses texts of more than 4,300 digits


def value_of(text: str) -> Any:
    """The value of a plain scalar: null, bool, int, float, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if len(text) > _LONGEST_INT:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


# Texts that some loader, YAML 1.1 or 1.2, takes for a null, bool, number or date.
_AMBIGUOUS_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NUMBER_LIKE = re.compile(r"[-+.0-9][-+.0-9a-fA-FoOxX_:tTzZ \t]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_NEEDS_QUOTES = re.compile(
    r"""^[\s\-?:,\[\]{}#&*!|>'"%@`=<~]   # would start something else
      | :(?=\s|$) | \s\#                 # would end the text
      | \s$                              # would be lost
      | [\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]""",
    re.VERBOSE,
)
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """`text` as a double-quoted scalar on one line. JSON's escapes are YAML's too; a few more characters need one."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def scalar(text: str) -> str:
    """`text` plain where every loader reads exactly this text back, else double-quoted."""
    if not text or _NEEDS_QUOTES.search(text) or text.lower() in _AMBIGUOUS_WORDS or _NUMBER_LIKE.fullmatch(text):
        return quoted(text)
    return text
