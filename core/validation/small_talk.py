"""What a message of small talk is about: a greeting, a farewell, thanks, or a question about the bot itself.

All of them have the same command, so that an answer cannot tell a farewell from the greeting that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.commands import ChitChat, Command, KnowledgeAnswer
from core.validation.words import unify

_CLASSES: Final = {
    "greeting": re.compile(
        r"\b(?:hi+|hello|hey+|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|hallo|hola|bonjour|salut|ciao)\b"
        r"|你好|您好|哈喽|嗨|早上好|上午好|下午好|晚上好|早安|在吗|在不在|有人吗",
        re.I,
    ),
    "farewell": re.compile(
        r"\b(?:good ?bye|bye+|see (?:you|ya)|farewell|good ?night|have a (?:good|nice|great) (?:day|one|evening|weekend)"
        r"|take care|so long|ttyl|tschüss|adiós|au revoir)\b|再见|拜拜|回头见|晚安|下次见|明天见",
        re.I,
    ),
    "thanks": re.compile(
        r"\b(?:thanks|thank you|thank u|thx|cheers|much appreciated|appreciate it|danke|gracias|merci)\b|谢谢|感谢|多谢|谢啦",
        re.I,
    ),
    "the bot": re.compile(
        r"\b(?:are you|r u|am i (?:talking|speaking|chatting) (?:to|with)|is this)\b.*\b(?:bot|robot|human|person|machine|ai"
        r"|real|computer|program|alive|chatgpt)\b|\bwh?at(?:'s| is) your name\b"
        r"|\bwho (?:are you|made you|built you|created you)\b"
        r"|\bhow old are you\b|\bwhat (?:are you|can you do)\b"
        r"|你是(?:谁|什么|不是|机器人|真人|人工|人|ai)|你叫什么|你的名字|机器人吗|真人吗|你几岁|你多大|你会(?:什么|做什么)|谁(?:做|造|开发)了?你",
        re.I,
    ),
    "a joke": re.compile(r"\bjokes?\b|笑话", re.I),
    "how are you": re.compile(
        r"\bhow(?:'s it going| are (?:you|things)| do you do)\b|\bwhat'?s up\b|你好吗|最近怎么样|吃了吗", re.I
    ),
    "the weather": re.compile(r"\bweather\b|天气", re.I),
}
_BESIDE: Final = frozenset({"greeting", "thanks"})
"""Said along with anything else."""


def is_small_talk(commands: Sequence[Command]) -> bool:
    """Whether nothing is asked of the assistant but an answer."""
    return bool(commands) and all(isinstance(command, ChitChat | KnowledgeAnswer) for command in commands)


def other_small_talk(original: str, text: str) -> str | None:
    """`greeting → farewell` where the two are about different things; None if they are not, or one of them cannot be told."""
    before, after = _matter(original), _matter(text)
    if not before or not after or before & after:
        return None
    return f"{min(before)} → {min(after)}"


def _matter(text: str) -> frozenset[str]:
    plain = unify(text)
    found = frozenset(name for name, pattern in _CLASSES.items() if pattern.search(plain))
    return found - _BESIDE or found
