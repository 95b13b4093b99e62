"""`workbench review plan` and `review calibrate`: how much review is enough, and how far the machine can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.output import print_json, print_lines, print_table
from tui.cli.scoring import bring_scores_up_to_date
from tui.cli.state import opened

if TYPE_CHECKING:
    from review.calibration import Calibration, Comparison
    from review.plan import Plan

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_CONFIDENCE = Annotated[str, typer.Option(metavar="SHARE", help="How sure.")]
_FEW = 20
"""Fewer decisions than this are said to be few."""
_STEPS = (
    "In the app: `workbench review`, O, random; the filter `verdict:same` leaves out what is not counted.",
    "From scripts: `workbench review next --order random --filter verdict:same`.",
)


def register(group: typer.Typer) -> None:
    group.command("plan")(plan)
    group.command("calibrate")(calibrate)


def plan(
    context: typer.Context,
    error: Annotated[
        str, typer.Option(metavar="SHARE", help="The wrong share of the accepted set that is wanted at most.")
    ] = "0.02",
    confidence: _CONFIDENCE = "0.95",
    as_json: _JSON = False,
) -> None:
    """How many decisions bring the accepted set's error under a bound, and where the bound stands.

    The accepted set is what the machine calls same and nobody took off, and what people accepted. The bound holds however
    often you look at it, for decisions in the random order.
    """
    from review import accepted_set
    from review.plan import make_plan
    from review.proportions import check_confidence, check_error

    wanted, sure = _share(error, "--error"), _share(confidence, "--confidence")
    check_error(wanted)  # before a large set is read
    check_confidence(sure)
    with opened(context) as connection:
        made = make_plan(accepted_set.load(connection), wanted, sure)
    if as_json:
        data = asdict(made) | {"size": made.standing.size, "seen_error": made.seen_error, "reached": made.reached}
        print_json(data | {"order": "random"})
    else:
        print_lines(_plan_lines(made))


def _plan_lines(made: Plan) -> Iterator[str]:
    standing, percent = made.standing, _percent(made.error)
    yield (
        f"accepted set  {standing.size:,}: {standing.machine:,} that the machine calls same, less {standing.off:,} that people"
        f" took off, and {standing.added:,} that people added"
    )
    seen = f", {standing.wrong:,} of them wrong ({_percent(made.seen_error)})" if made.seen_error is not None else ""
    yield f"sample        {standing.seen:,} decided without a gap from the head of the random order{seen}"
    if made.bound is None:
        yield ""
        yield "The machine calls nothing the same yet: `workbench validate` first."
        return
    yield f"bound         at most {_percent(made.bound)} wrong, at {_sure(made.confidence)} and however often you look"
    yield ""
    if made.reached:
        yield f"The bound is at or under {percent}: no further decision is needed."
        return
    if made.best is None:
        yield f"Skipped ones count as wrong until they are decided, and {percent} cannot be reached before (`state:skip`)."
        return
    yield f"To come to {percent}:"
    yield f"  {made.best:,} more decisions if none of them finds a wrong one"
    if made.even is None or made.likely is None:
        yield "  how many more with wrong ones, a few decisions will show"
    elif made.standing.wrong:
        yield f"  {made.even:,} if errors go on as seen so far (even odds), {made.likely:,} to be nine in ten sure"
    else:
        yield "  as many if errors go on as seen so far: none was found yet"
    yield ""
    yield from _STEPS


def calibrate(
    context: typer.Context,
    error: Annotated[
        str, typer.Option(metavar="SHARE", help="Share of what is below the threshold that people may refuse at most.")
    ] = "0.05",
    confidence: _CONFIDENCE = "0.95",
    as_json: _JSON = False,
) -> None:
    """How far the machine's verdicts agree with people's decisions, per command, and which threshold follows."""
    from review import calibration
    from review.proportions import check_confidence, check_error

    wanted, sure = _share(error, "--error"), _share(confidence, "--confidence")
    check_error(wanted)  # before a large project is scored
    check_confidence(sure)
    with opened(context) as connection:
        bring_scores_up_to_date(connection)
        found = calibration.calibrate(connection, wanted, sure)
    if as_json:
        print_json(_as_data(found))
        return
    if not found.all.judged:
        print("Nobody decided yet on what the machine judged: `workbench review`.")
        return
    print_table(
        ("command", "same: accepted", "refused", "different: accepted", "refused", "ambiguous: accepted", "refused", "agree",
         "kappa (95 %)", "precision of same (95 %)"),
        [_row(one) for one in (*found.commands, found.all)],
    )  # fmt: skip
    if any(one.kappa is None for one in (*found.commands, found.all)):
        print("kappa needs decisions on both same and different, and both acceptances and refusals among them")
    print()
    if any(band.decided or band.waiting for band in found.bands):
        print_table(
            ("score of same", "decided", "refused", "undecided"),
            [
                (f"{band.low:.1f} to {band.high:.1f}", band.decided, band.refused, band.waiting)
                for band in found.bands
                if band.decided or band.waiting
            ],
        )
        print()
    print_lines(_threshold_lines(found))


def _row(one: Comparison) -> tuple[object, ...]:
    cells: list[object] = [one.command or "all"]
    for said in (one.same, one.different, one.ambiguous):
        cells += [said.accepted, said.refused]
    kappa, interval = one.kappa, one.kappa_interval
    agreed = "–" if kappa is None else f"{kappa:.2f}" + ("" if interval is None else " ({:.2f} to {:.2f})".format(*interval))
    precision = "–" if one.precision is None else "{} ({} to {})".format(*map(_percent, one.precision))
    return (*cells, _percent(one.agreement), agreed, precision)


def _threshold_lines(found: Calibration) -> Iterator[str]:
    wanted = _percent(found.error)
    if found.threshold is not None:
        below = next(one for one in found.below if one.threshold == found.threshold)
        yield (
            f"Below a score of {found.threshold:g}, people refused {below.refused:,} of {below.decided:,} that the machine"
            f" calls same: at most {_percent(below.limit)}, at {_sure(found.confidence)} for all"
            f" {len(found.below)} thresholds together."
        )
        if below.unlooked:
            yield (
                f"{below.unlooked:,} of {below.waiting:,} undecided ones below it have scores that hardly any decided one has."
                f" Were all of them refused, it would be {_percent(below.at_most)} at most."
            )
        yield "In workbench.toml:"
        yield "  [team]"
        yield f"  threshold = {found.threshold:g}"
    elif not found.scored:
        yield "No decided rephrasing has an ambiguity score yet, so no threshold follows."
    else:
        yield f"No threshold follows: below none is it sure that people refuse at most {wanted}."
        best = min((one for one in found.below if one.limit <= found.error), key=lambda one: one.at_most, default=None)
        if best is not None:
            yield (
                f"Below {best.threshold:g} people refused {best.refused:,} of {best.decided:,}, but {best.unlooked:,} of"
                f" {best.waiting:,} undecided ones have scores that hardly any decided one has: decide some of them, in the"
                " random order."
            )
        else:
            yield from _needed_lines(found)
    if found.all.judged < _FEW:
        yield f"These are few decisions ({found.all.judged:,}): take the figures as a first sight."
    yield (
        "The limit is true of decisions on a random sample, and holds for one look, planned beforehand: who goes on deciding"
        " until a threshold comes out gets one too easily (the bound of `review plan` may be looked at all the time). Decided"
        " in another order (`review next --order random` is the random one), or with the verdict in sight, they may agree more"
        " or less than the rest would."
    )


def _needed_lines(found: Calibration) -> Iterator[str]:
    yield f"With none refused, {found.needed:,} decisions below a threshold are needed; there are {found.scored:,} in all."
    if found.needed_as_seen is None:
        refused = _percent(found.error)
        yield f"Below every threshold people refused {refused} or more of what they decided: more of the same will not do."
    elif found.needed_as_seen > found.needed:
        yield f"If people go on refusing as they do, {found.needed_as_seen:,}."


def _as_data(found: Calibration) -> dict[str, Any]:
    return {
        "error": found.error,
        "confidence": found.confidence,
        "all": _comparison(found.all),
        "commands": [_comparison(one) for one in found.commands],
        "below": [asdict(one) | {"at_most": one.at_most} for one in found.below],
        "bands": [asdict(one) for one in found.bands],
        "threshold": found.threshold,
        "decided": found.scored,
        "needed": found.needed,
        "needed_as_seen": found.needed_as_seen,
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return asdict(one) | {
        "judged": one.judged,
        "agreement": one.agreement,
        "kappa": one.kappa,
        "kappa_interval": one.kappa_interval,
        "precision": one.precision,
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.3g} %"


def _sure(confidence: float) -> str:
    """All its nines: rounded, it would be a certainty."""
    return f"{confidence * 100:.12g} %"


def _share(text: str, option: str) -> float:
    """Raises UsageError: it is no number."""
    from core.errors import UsageError

    try:
        return float(text)
    except ValueError:
        number = text.strip().removesuffix("%").strip()
        try:
            meant = f"{float(number) / 100:g}"
        except ValueError:
            meant = "0.02"
        raise UsageError(
            f"`{option} {text}` is no share", remedy=f"Give a share between 0 and 1: `{option} {meant}`."
        ) from None
