"""Words that say the opposite of each other, or name the other of two persons or ways.

Where a copy of a text has one of them in the place of the other, the text says something else, however common the words are.
"""

from __future__ import annotations

from typing import Final

from core.validation.word_lists import listed
from core.validation.wordings import Edit
from core.validation.words import key_of

_ENGLISH: Final = """
right correct true | wrong incorrect false mistaken
early punctually | late overdue delayed
lost lose misplaced missing | stolen stole robbed found
withdraw withdrew | deposit
in into inside | out outside
before until | after since
more most higher highest above over maximum upper | less least fewer lower lowest below under minimum
incoming receive received receiver recipient income | outgoing send sent sender spend spent expenses
increase raise raised up | decrease reduce cut down
first next | last previous
new newest latest recent | old oldest earliest former
open opened | close closed shut
start begin activate enable unlock unblock unfreeze resume | stop end finish deactivate disable lock block freeze pause
add added include | remove delete exclude
buy bought purchase | sell sold
borrow borrowed | lend lent
debit | credit
cheap cheapest | expensive dearest priciest
big biggest large largest | small smallest little
long longest longer | short shortest shorter
fast fastest faster quick | slow slowest slower
all every everything any | none nothing
arrive arrival arrived | depart departure departed leave left
upgrade | downgrade
domestic national | international foreign abroad
personal private | business public corporate joint
accept accepted approve approved | reject rejected decline declined refuse refused
happy glad satisfied pleased | unhappy angry dissatisfied upset frustrated
near nearest nearby closest | far farthest furthest
same | different
easy easier | hard harder difficult
upload | download
import | export
husband | wife
mother mom mum | father dad
brother | sister
son | daughter
morning | evening afternoon night
on | off
left | right
"""
# Phrases, as words between blanks; and Chinese ones, of which single characters count in a short stretch only.
_PHRASES: Final = """
on time, in time, in advance | late, too late, overdue
take out, took out, cash out | pay in, paid in, put in
one way | return, round trip, both ways
turn on, switch on | turn off, switch off
at home | abroad, away
收到, 收 | 付, 支付, 发出, 寄
转入, 入, 进 | 转出, 出
买 | 卖
借 | 还
存 | 取
开, 启 | 关, 闭, 停
增, 加 | 减, 删
前 | 后
多 | 少
早 | 晚, 迟
高 | 低
大 | 小
新 | 旧, 老
快 | 慢
上 | 下
左 | 右
对, 正确 | 错, 错误
便宜 | 贵
丢, 遗失 | 偷, 盗, 找到
最新, 最近 | 最早
成功 | 失败
同意, 接受 | 拒绝
满意, 高兴 | 生气, 失望
老公, 丈夫 | 老婆, 妻子
按时, 准时 | 迟到, 晚
"""
_LONGEST_FOR_ONE_CHARACTER: Final = 2

_Sides = tuple[frozenset[str], frozenset[str]]


def _split(line: str) -> tuple[str, str]:
    one, other = line.split("|")
    return one, other


def _words(side: str) -> frozenset[str]:
    return frozenset(map(key_of, listed(side)))


def _phrases(side: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in side.split(","))


_WORD_PAIRS: Final[tuple[_Sides, ...]] = tuple(
    (_words(one), _words(other)) for one, other in map(_split, _ENGLISH.strip().splitlines())
)
_PHRASE_PAIRS: Final[tuple[_Sides, ...]] = tuple(
    (_phrases(one), _phrases(other)) for one, other in map(_split, _PHRASES.strip().splitlines())
)
_KNOWN: Final = frozenset().union(*(side for pair in _WORD_PAIRS for side in pair))


def is_opposed(edit: Edit) -> bool:
    """Whether what was put in says the opposite of what it stands for."""
    gone, new = (frozenset(word.key for word in words) for words in (edit.gone, edit.new))
    if gone & _KNOWN and new & _KNOWN and _are_opposed(gone, new):
        return True
    before, after = (f" {' '.join(word.plain for word in words)} " for words in (edit.gone, edit.new))
    return any(
        (_has(before, one) and _has(after, other)) or (_has(before, other) and _has(after, one)) for one, other in _PHRASE_PAIRS
    )


def _are_opposed(gone: frozenset[str], new: frozenset[str]) -> bool:
    shared = gone & new
    gone, new = gone - shared, new - shared
    return any((gone & one and new & other) or (gone & other and new & one) for one, other in _WORD_PAIRS)


def _has(text: str, phrases: frozenset[str]) -> bool:
    joined = text.replace(" ", "")
    for phrase in phrases:
        if phrase.isascii():
            if f" {phrase} " in text:
                return True
        elif phrase in joined and (len(phrase) > 1 or len(joined) <= _LONGEST_FOR_ONE_CHARACTER):
            return True
    return False
