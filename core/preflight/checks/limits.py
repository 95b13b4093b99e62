"""Rows that are too long: for this run's length, for the model, and for what trainers do when nobody names a length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.preflight.checks.row_checks import rows_in_words
from core.preflight.models import Cut, Finding, Lengths, Severity
from core.preflight.options import Side
from core.preflight.seen import SeenRows

_LONGEST = (
    "SELECT part, row, place, printf('%,d + %,d tokens', prompt_tokens, completion_tokens) FROM seen WHERE {which}"
    " ORDER BY prompt_tokens + completion_tokens DESC, part, row"
)


def long_rows(seen: SeenRows, lengths: Lengths, run: Cut, side: Side, window: int | None) -> Iterator[Finding]:
    """`long-rows`: at the length of the run, and in the model's window."""
    fix = f"Train with --max-length {lengths.advised} (the longest row has {lengths.needed:,} tokens)"
    if run.lost or run.cut_label:
        count = run.lost + run.cut_label
        which = "prompt_tokens + completion_tokens > ?" if side == "end" else "completion_tokens > ?"
        yield Finding(
            "long-rows",
            Severity.FAIL,
            f"at {run.length:,} tokens {' and '.join(_cut_completions(run))}: {run.completion_tokens:,} learned tokens"
            + (f", and {run.prompt_tokens:,} of prompts" if run.prompt_tokens else ""),
            f"{fix}, or shorten the prompt.",
            count,
            seen.places(_LONGEST.format(which=which), (run.length,)),
        )
    if run.cut_prompt:
        yield Finding(
            "long-rows",
            Severity.WARN,
            f"at {run.length:,} tokens the prompts of {rows_in_words(run.cut_prompt)} are cut by {run.prompt_tokens:,}"
            " tokens: the"
            " model is trained on prompts that it will never be served",
            f"{fix}.",
            run.cut_prompt,
            seen.places(_LONGEST.format(which="prompt_tokens + completion_tokens > ?"), (run.length,)),
        )
    if window is not None and lengths.needed > window:
        (count,) = seen.find("SELECT count(*) FROM seen WHERE prompt_tokens + completion_tokens > ?", (window,)).fetchone()
        yield Finding(
            "long-rows",
            Severity.FAIL,
            f"{rows_in_words(count)} longer than the {window:,} tokens the model takes",
            "Shorten the prompt (fewer flows per prompt, a shorter template), or take a model with a longer window.",
            count,
            seen.places(_LONGEST.format(which="prompt_tokens + completion_tokens > ?"), (window,)),
        )


def _cut_completions(run: Cut) -> Iterator[str]:
    if run.lost:
        yield f"the whole completion of {rows_in_words(run.lost)} is cut"
    if run.cut_label:
        yield f"a part of the completion of {rows_in_words(run.cut_label)} is cut"


def trainer_defaults(cuts: Sequence[Cut], lengths: Lengths) -> Iterator[Finding]:
    """`trainer-defaults`: a warning per trainer whose own length would cut a completion or the message."""
    for cut in cuts:
        kinds = (
            ("the label is lost", cut.lost),
            ("a part of the label is lost", cut.cut_label),
            ("the end of the prompt is lost", cut.cut_prompt),
        )
        words = [f"{what} in {rows_in_words(rows)}" for what, rows in kinds if rows]
        if words:
            yield Finding(
                "trainer-defaults",
                Severity.WARN,
                f"with {cut.trainer} {cut.length:,}: {', '.join(words)} (it {cut.rule})",
                f"Always name the length: {lengths.advised}. The configurations that `workbench export` writes do.",
                cut.lost + cut.cut_label + cut.cut_prompt,
            )
