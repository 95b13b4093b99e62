"""The orders in which a queue can be read, as SQL: SQLite sorts a million rows with less memory than Python, and with a limit
keeps no more than that."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from core.errors import UsageError

CONVERSATION = "r.conversation_id, r.ordinal, r.position, r.id"
"""As the conversations read: test by test, step by step. Covered by the index `rephrasing_queue`."""

_SEED = b"review order 1"
_SEPARATOR = "\x1f"


class Order(StrEnum):
    """What comes first. Among equals each goes by conversation.

    CONVERSATION  as the conversations read.
    UNCERTAIN     an ambiguity score closest to even odds, |score - 0.5| ascending; what has no score comes last.
    VALUABLE      rare commands, flows and slots (review/value.py).
    RANDOM        a fixed shuffle: the same on every machine that has the same tests and texts, whatever their ids.
    """

    CONVERSATION = "conversation"
    UNCERTAIN = "uncertain"
    VALUABLE = "valuable"
    RANDOM = "random"


def parse_order(text: str) -> Order:
    """Raises UsageError for a word that is none; the beginning of one is enough."""
    found = [order for order in Order if text and order.startswith(text.lower())]
    if len(found) != 1:
        raise UsageError(f"unknown order `{text}`", remedy=f"Known: {', '.join(Order)}.")
    return found[0]


@dataclass(frozen=True, slots=True)
class OrderSql:
    """For a query over `rephrasing r`: what else it joins, and what it is ordered by."""

    joins: str
    order_by: str


def order_sql(connection: sqlite3.Connection, order: Order) -> OrderSql:
    """`connection` is told the function that the order needs; for VALUABLE it knows what steps are worth now."""
    if order is Order.UNCERTAIN:
        return OrderSql(
            " LEFT JOIN ambiguity oa ON oa.rephrasing_id = r.id",
            f"oa.score IS NULL, abs(oa.score - 0.5), {CONVERSATION}",
        )
    if order is Order.VALUABLE:
        from review.value import values_of_steps

        connection.create_function("value_of_step", 1, values_of_steps(connection).get, deterministic=True)
        return OrderSql("", f"value_of_step(r.step_id) DESC, {CONVERSATION}")
    if order is Order.RANDOM:
        connection.create_function("place_in_shuffle", 5, place_in_shuffle, deterministic=True)
        return OrderSql(
            " JOIN user_step os ON os.id = r.step_id JOIN conversation oc ON oc.id = r.conversation_id",
            f"place_in_shuffle(oc.file, oc.name, oc.occurrence, os.key, r.text), {CONVERSATION}",
        )
    return OrderSql("", CONVERSATION)


def place_in_shuffle(file: str, name: str, occurrence: int, step_key: str, text: str) -> int:
    """Where a rephrasing stands in the random order: 56 bits of a hash of what it is, which every clone of a project shares.

    `text`: as it was read or generated, so that an edit does not move it.
    """
    named = _SEPARATOR.join((file, name, str(occurrence), step_key, text))
    return int.from_bytes(blake2b(named.encode(), digest_size=7, person=_SEED).digest())
