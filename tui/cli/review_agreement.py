"""`workbench review agreement`: how far those who answered agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.output import narrate, print_json, print_table
from tui.cli.state import opened

if TYPE_CHECKING:
    from review.agreement import Coefficient, Interval
    from review.agreement_report import AgreementReport, AnnotatorMeasures, Measures, PairMeasures


def register(group: typer.Typer) -> None:
    group.command("agreement")(agreement)


def agreement(
    context: typer.Context,
    round_name: Annotated[str | None, typer.Option("--round", help="Only of this round (all rounds without it).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How far annotators agree beyond chance: per question, command and annotator, and each with each.

    Decisions made here count as an annotator's where they were made before the first answer came in.
    """
    from core.errors import UsageError
    from review.agreement_report import report_agreement
    from review.team import rounds

    with opened(context) as connection:
        round_id = None
        if round_name is not None:
            round_ = rounds.find_round(connection, round_name)
            if round_ is None:
                known = ", ".join(one.name for one in rounds.all_rounds(connection)) or "none yet"
                raise UsageError(f"there is no round `{round_name}`", remedy=f"Known: {known}.")
            round_id = round_.id
        report = report_agreement(connection, round_id)
    if as_json:
        print_json(_as_data(report))
    elif report.items:
        _print(report)
    else:
        narrate("Nobody has answered yet: `workbench argilla pull` and `workbench review merge` bring answers.")


def _print(report: AgreementReport) -> None:
    print(f"{report.items:,} rephrasings answered; intervals at 95 % by 1,000 bootstrap resamples\n")
    print_table(_MEASURES, [_measures_row(one, "question") for one in report.questions])
    same, pairs = report.same_wording
    if pairs:
        print(f"\nSame text in {same:,} of {pairs:,} pairs that both corrected it.")
    print()
    print_table(("command expected", *_MEASURES[1:]), [_measures_row(one, "command") for one in report.by_command])
    print()
    print_table(
        ("annotator", "answers", "here", "discards", "accept", "reject", "unsure", "with others", "kappa with outcome"),
        [_annotator_row(one) for one in report.annotators],
    )
    if report.pairs:
        print()
        print_table(("pair", "both", "alike", "Cohen's kappa", "95 %", ""), [_pair_row(one) for one in report.pairs])
        print("\nHow often two answers to the same rephrasing were these:")
        _print_confusion(report.decision.confusion)
    whys = {one.no_interval for one in (*report.questions, *report.by_command)} | {one.no_interval for one in report.pairs}
    if whys := whys - {""}:
        print(f"\nWhere there is no interval: {'; '.join(sorted(whys))}.")
    for one in report.annotators:
        if one.confusion:
            print(f"\n{one.name} (lines) and what it came to (columns):")
            _print_confusion(one.confusion)


_MEASURES = ("question", "items", "alike", "Fleiss' kappa", "alpha", "95 %", "")


def _measures_row(one: Measures, kind: str) -> tuple[object, ...]:
    from review.agreement import reliability

    words = one.alpha.why if one.alpha.value is None else reliability(one.alpha.value)
    return (
        one.what,
        one.items,
        _percent(one.raw.value),
        _two(one.fleiss),
        _two(one.alpha),
        _interval(one.interval),
        words if kind == "question" or one.alpha.value is not None else "",
    )


def _annotator_row(one: AnnotatorMeasures) -> tuple[object, ...]:
    counts = (one.labels.get(label, 0) for label in ("accept", "reject", "unsure"))
    return one.name, one.answers, one.here, one.discards, *counts, _percent(one.with_others), _two(one.with_outcome)


def _pair_row(one: PairMeasures) -> tuple[object, ...]:
    from review.agreement import strength

    words = one.kappa.why if one.kappa.value is None else strength(one.kappa.value)
    return f"{one.first} and {one.second}", one.kappa.items, _percent(one.raw), _two(one.kappa), _interval(one.interval), words


def _print_confusion(confusion: Mapping[tuple[str, str], int]) -> None:
    lines, columns = ({key[side] for key in confusion} for side in (0, 1))
    ordered = sorted(columns)
    print_table(("", *ordered), [(line, *(confusion.get((line, one), 0) for one in ordered)) for line in sorted(lines)])


def _two(one: Coefficient) -> str:
    return "–" if one.value is None else f"{one.value:.2f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _interval(one: Interval | None) -> str:
    return "–" if one is None else f"{one.low:.2f} to {one.high:.2f}"


def _as_data(report: AgreementReport) -> dict[str, Any]:
    from dataclasses import asdict

    from review.agreement import reliability, strength

    def measures(one: Measures) -> dict[str, Any]:
        band = None if one.alpha.value is None else reliability(one.alpha.value)
        return asdict(one) | {"confusion": _cells(one.confusion), "in_words": band}

    same, pairs = report.same_wording
    return {
        "items": report.items,
        "questions": [measures(one) for one in report.questions],
        "same_wording": {"same": same, "pairs": pairs},
        "by_command": [measures(one) for one in report.by_command],
        "annotators": [asdict(one) | {"confusion": _cells(one.confusion)} for one in report.annotators],
        "pairs": [
            asdict(one)
            | {
                "confusion": _cells(one.confusion),
                "in_words": None if one.kappa.value is None else strength(one.kappa.value),
            }
            for one in report.pairs
        ],
    }


def _cells(confusion: Mapping[tuple[str, str], int]) -> Sequence[dict[str, Any]]:
    return [{"one": one, "other": other, "count": count} for (one, other), count in sorted(confusion.items())]
