"""A preflight's report in plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from core.preflight.models import Cut, Finding, Lengths, Preflight, Probe, Severity
from core.preflight.names import CHECKS

_MARKS = {Severity.FAIL: "✗", Severity.WARN: "!", Severity.INFO: "·"}
_BAR = 40
_ROWS_NAMED = 5


def heading(report: Preflight) -> Iterator[str]:
    target, rows = report.target, report.rows
    parts = " + ".join(f"{count:,} {part}" for part, count in rows.items() if count)
    rate = sum(rows.values()) / report.seconds if report.seconds else 0
    yield f"dataset {report.dataset[:12]}: {parts} rows, {report.seconds:.1f} s ({rate:,.0f} rows/s)"
    form = "its chat template" if target.form == "chat" else "plain text: prompt, completion, EOS"
    window = f", takes {target.window:,} tokens" if target.window else ""
    yield f"model {target.model}: {target.vocabulary:,} tokens known{window}; rendered by {form}"


def spread_rows(lengths: Lengths) -> list[tuple[str, int, int, int, int, int, int]]:
    named = (("prompt", lengths.prompt), ("completion", lengths.completion), ("total", lengths.total))
    return [(name, one.min, one.p50, one.p95, one.p99, one.max, round(one.mean)) for name, one in named]


def histogram(lengths: Lengths) -> Iterator[str]:
    most = max(one.rows for one in lengths.bins)
    width = len(f"{lengths.bins[-1].high:,}")
    count_width = len(f"{most:,}")
    for one in lengths.bins:
        bar = "█" * max(round(one.rows * _BAR / most), 1 if one.rows else 0)
        yield f"{one.low:>{width},}–{one.high - 1:<{width},} {one.rows:>{count_width},} {bar}".rstrip()


def length_line(report: Preflight) -> str:
    lengths = report.lengths
    learned = f"learned: {report.supervised:.2%} of all tokens"
    return f"{learned}; the longest row needs {lengths.needed:,}: train with {lengths.advised:,}"


def cut_rows(cuts: Collection[Cut]) -> list[tuple[str, int, str, int, int, int, int]]:
    return [(cut.trainer, cut.length, cut.rule, cut.lost, cut.cut_label, cut.cut_prompt, cut.completion_tokens) for cut in cuts]


def gpu_rows(report: Preflight) -> list[tuple[str, str, str, str, str, str]]:
    """Type, peak and memory, minutes and cost of the run as it is, or of the first change with which it fits."""
    rows = []
    for one in report.gpus:
        last = one["changes"][-1] if one["changes"] else None
        if one["fits"]:
            fits, minutes, cost = "fits", f"{one['minutes']:.0f}", _cost(one["cost"])
        elif last is not None and last["fits"]:
            fits, minutes, cost = f"fits with {last['what']} ({last['peak_gib']:.1f} GiB)", f"{last['minutes']:.0f}", ""
        else:
            fits, minutes, cost = "does not fit", "–", ""
        peak = f"{one['peak_gib']:.1f} of {one['memory_gib']:.1f}"
        rows.append((one["gpu"], peak, minutes, f"{one['seconds_per_step']:.2f}", cost, fits))
    return rows


def _cost(cost: float | None) -> str:
    return "–" if cost is None else f"{cost:.2f}"


def gpu_notes(report: Preflight) -> Iterator[str]:
    """Each note once, with the types it is about unless it is about most."""
    about: dict[str, list[str]] = {}
    for one in report.gpus:
        for note in one["notes"]:
            about.setdefault(note, []).append(one["gpu"])
    for note, names in about.items():
        yield note if len(names) > len(report.gpus) // 2 else f"{', '.join(names)}: {note}"


def command_rows(report: Preflight) -> list[tuple[str, int, int]]:
    train, val = (report.commands.get(part, {}) for part in ("train", "val"))
    return [(name, train.get(name, 0), val.get(name, 0)) for name in sorted({*train, *val})]


def val_line(report: Preflight) -> str:
    rows, moments = report.val_in_train
    return f"of {report.rows['val']:,} rows of val train has {rows:,} word for word and {moments:,} by state and message"


def probe_line(probe: Probe) -> str:
    """The tokens around the border, those that are learned between ⟦ and ⟧."""
    before = "".join(text for text, learned in probe.ending if not learned)
    learned = "|".join(text for text, is_learned in probe.ending if is_learned)
    return f"{probe.part}:{probe.row}  …{repr(before)[1:-1]}⟦{repr(learned)[1:-1]}⟧"


def finding_lines(finding: Finding, waived: Collection[str]) -> Iterator[str]:
    is_waived = finding.severity is Severity.FAIL and finding.check in waived
    word, name = ("fail", f"{finding.check} (waived)") if is_waived else (finding.severity.value.upper(), finding.check)
    yield f"{_MARKS[finding.severity]} {word:4}  {name}: {finding.what}"
    yield f"        → {finding.fix}"
    for row in finding.rows[:_ROWS_NAMED]:
        yield f"          {row}"
    if finding.count > _ROWS_NAMED and finding.rows:
        yield f"          and {finding.count - min(len(finding.rows), _ROWS_NAMED):,} more (--json names {len(finding.rows)})"


def passed_line(report: Preflight) -> str:
    troubled = {finding.check for finding in report.findings if finding.severity is not Severity.INFO}
    return f"✓ ok    {', '.join(name for name in CHECKS if name not in troubled)}"


def verdict(report: Preflight, blocking: Collection[Finding]) -> str:
    warnings = sum(one.severity is Severity.WARN for one in report.findings)
    also = f", {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
    if not blocking:
        return f"passed{also}"
    names = list(dict.fromkeys(one.check for one in blocking))
    return f"{len(names)} check{'' if len(names) == 1 else 's'} failed: {', '.join(names)}{also}"
