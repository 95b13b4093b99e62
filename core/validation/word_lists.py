"""Words that carry no detail of their own, in English and Chinese; for other languages see `language_words.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.validation.language_words import WORDS as _OF_LANGUAGES


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


CONTRACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "dont": ("do", "not"),
    "doesnt": ("does", "not"),
    "didnt": ("did", "not"),
    "cant": ("can", "not"),
    "isnt": ("is", "not"),
    "wasnt": ("was", "not"),
    "let's": ("let", "us"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "gotta": ("got", "to"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "thats": ("that", "is"),
    "whats": ("what", "is"),
}

_ENGLISH_WORDS: Final = """
meant apologies apologise apologize called oops whoops sent bring
a able about above actually afterwards again ah ahead all already alright also although am an and another any anybody
anyone anything anyway apparently appreciate are around as asap ask assist assistance at away back basically be because
been before being believe below bit btw bunch but by bye came can certain certainly chance check cheers come cool could
could've course current currently dear definitely did discuss do does doing done down each either else enough entirely
er erm especially ever every everyone everything exactly fact favor favour few figure find fine first for forward from
further gave get gets getting gimme give given gives glad go goes going gone gonna good got gotta grateful great guess
guys had hand happen happens happy has have having he hello help helps hence her here hers hey hi him his hiya hmm hold
hope how however huh i idea if in indeed inquire inside instead into is issue it its itself just keen keep kind kindly
know last lately later least lemme let like like'd likely little look looking looks lot lots madam made make makes
making manage many matter may maybe me mean means might mind mine moment more most much must my myself naturally near
need needed needs no nobody none nope nor not nothing now obviously of off oh ok okay on once one only onto or other
others otherwise ought our ours out over own pardon part particular people perhaps person place please pleased pleasure
pls plus plz point possible possibly present pretty probably proceed provide put quick quickly quite rather real really
recently regard regarding request require required right round said same say says sec second see seek seeking seem seems
seen set shall she shortly should should've show simply since sir so some somebody somehow someone something soon sorry
sort still stop stuff such suppose sure take taken takes tbh team tell than thank thanks that the their theirs them then
there therefore these they thing things think this those though thought through thus thx time to today together told too
took totally towards tried try trying turn two uh um under unfortunately until up upon us use used using usually very
via wait wanna want wanted wants was way we well went were what whatever when whenever where whether which while who
whole whom whose why will willing wish with within without wonder wondering word work works would would've yeah yep yes
yet you your yours yourself
"""

ENGLISH: Final[frozenset[str]] = listed(_ENGLISH_WORDS)
FUNCTION_WORDS: Final[frozenset[str]] = ENGLISH.union(*_OF_LANGUAGES.values())

FUNCTION_CHARACTERS: Final[frozenset[str]] = frozenset(
    "的了吗呢啊呀吧嘛哦哈嗨嘿哎哟喽喂么我你您他她它们咱这那哪谁啥什怎样是在有没不无也都就才还又再很太更最好想要需请问帮助麻烦"
    "劳驾谢一下个些点儿里边块把被给让叫对于为和与跟及或但而且因所以如果可能会该应得着过到从向往去来上中出起做办走看说讲告诉知"
    "道现目前时候今刚先后然已经正快马立即尽方便意愿希望打算行嗯噢哇亲贵位家用使进相关面情况东西事件种次只随之其此"
)
"""Characters that stand in nearly every sentence, and those of politeness."""

NEGATIONS: Final[frozenset[str]] = listed(
    "not no never none nothing nobody neither nor without nope cannot unable 不 没 无 未 别 非"
    " nicht kein keine keinen nie niemals nichts ne pas jamais rien nunca nada jamás nem não niet geen nooit"
    " inte aldrig nie nigdy değil yok hayır не нет никогда"
)

HARMLESS_NEGATIONS: Final[tuple[str, ...]] = (
    "no problem",
    "no worries",
    "why not",
    "not sure",
    "not certain",
    "not entirely",
    "not totally",
    "not 100%",
    "do not mind",
    "not mind",
    "not bother",
    "can not wait",
    "do not you",
    "why do not",
    "could not you",
    "can not you",
    "would not it",
    "is not there",
    "is not it",
    "if not",
    "no sorry",
    "wait no",
    "oh no",
    "no wait",
    "no doubt",
    "no time",
    "不好意思",
    "有没有",
    "是不是",
    "能不能",
    "可不可以",
    "要不",
    "不错",
    "差不多",
    "没问题",
    "不客气",
    "在不在",
    "对不起",
)
"""Negations that deny nothing, contractions written out."""
