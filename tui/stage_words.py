"""Figures of a stage in words, for the title line, the Stages screen and the estimate."""

from __future__ import annotations

from typing import Final

from tui.stage_live import StageLive

_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}


def money(amount: float, currency: str) -> str:
    """`$0.12`, `€1,204.50`, `CHF 0.0031`: small amounts with as many places as tell something."""
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{sign}{amount:,.{2 if amount >= 0.01 or not amount else 4}f}"


def seconds(value: float) -> str:
    """`45 s`, `12 min`, `3 h 05 min`."""
    whole = round(value)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def count(number: int, what: str) -> str:
    """`1 test`, `1,840 tests`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def pace(rate: float) -> str:
    """Per second, per minute where that is the number people can picture."""
    if rate >= 9.95:
        return f"{rate:,.0f}/s"
    return f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.0f}/min"


def compact(live: StageLive) -> tuple[str, ...]:
    """The running stage for a title line, the longest wording first."""
    name, reading = live.stage.value, live.reading
    told = live.told
    done = f"{name} {told.done:,}/{told.total:,}" if told.total else f"{name} {told.what}"
    percent = f"{name} {told.done * 100 // told.total} %" if told.total else name
    if live.state != "running":
        return f"{done}  {live.state}", f"{percent} {live.state}", f"{name} {live.state}"
    rate = f"  {pace(reading.rate)}" if reading.rate else ""
    cost = f"  {money(reading.cost, reading.currency)}" if reading.cost is not None else ""
    return done + rate + cost, done + rate, done, percent
