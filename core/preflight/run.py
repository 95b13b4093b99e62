"""A preflight from beginning to end: every row rendered once, every check asked, one report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Literal

from core.commands import Dialect
from core.dataset.folder import Lineage, Row
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError
from core.preflight.checks.across import Balance, contradictions, repeats_in_val, val_repeats_train
from core.preflight.checks.beginning import Beginning
from core.preflight.checks.ending import Ending
from core.preflight.checks.leak import LabelLeak
from core.preflight.checks.limits import long_rows, trainer_defaults
from core.preflight.checks.parity import Parity
from core.preflight.checks.row_checks import RowCheck
from core.preflight.checks.share import SupervisedShare
from core.preflight.checks.template import control_tokens, opens_answers, template_findings
from core.preflight.checks.wording import Decoding, Wording
from core.preflight.cutting import DEFAULTS, cut, of_run
from core.preflight.gpus import gpu_estimates, recipe_of
from core.preflight.lengths import lengths
from core.preflight.models import Finding, Preflight, Probe, TargetFacts
from core.preflight.names import CHECKS, known_checks
from core.preflight.options import PreflightOptions
from core.preflight.rendering import PARTS, Rendered, Renderer, read_with_lineage
from core.preflight.seen import SeenRows
from core.preflight.target import Target, load_target

Progress = Callable[[str, int, int], None]
PROBES = 3
"""Rows kept token by token, the first: a server can be asked for the same ids."""
_AROUND = 6


def preflight(
    version: DatasetVersion, options: PreflightOptions, *, progress: Progress = lambda what, done, total: None
) -> Preflight:
    """Checks train and val of a version; reads the model's tokenizer, writes nothing.

    Raises:
        ModelError: the model's tokenizer or template cannot be loaded or used.
        UsageError: a waived check or the recipe does not exist.
        ProjectError: the dataset is damaged or has no row.
    """
    known_checks(options.waived)
    recipe_of(options)
    started = time.monotonic()
    target = load_target(options)
    chat = options.form == "chat" or (options.form == "auto" and bool(target.template))
    form: Literal["chat", "plain"] = "chat" if chat else "plain"
    total = sum(version.points.get(part, 0) for part in PARTS)
    if not total:
        raise ProjectError(f"the dataset {version.name} has no rows", remedy="Build one from tests that have commands.")
    rows = _counted(read_with_lineage(version), total, progress)
    with SeenRows.opened() as seen:
        return _report(version, options, target, form, rows, seen, started)


def _report(
    version: DatasetVersion,
    options: PreflightOptions,
    target: Target,
    form: Literal["chat", "plain"],
    rows: Iterable[tuple[Row, Lineage]],
    seen: SeenRows,
    started: float,
) -> Preflight:
    balance = Balance()
    checks: tuple[RowCheck, ...] = (
        Ending(target), Beginning(target), Parity(target), SupervisedShare(), Wording(opens_answers(target, form)),
        Decoding(target, control_tokens(target, form)), LabelLeak(Dialect(version.dialect)), balance,
    )  # fmt: skip
    pairs: Counter[tuple[int, int]] = Counter()
    trained: Counter[tuple[int, int]] = Counter()
    probes: list[Probe] = []
    for row in Renderer(target, form).render(rows):
        pair = (row.border, len(row.tokens) - row.border)
        pairs[pair] += 1
        if row.row.part is Part.TRAIN:
            trained[pair] += 1
        seen.add(row)
        for check in checks:
            check.see(row)
        if len(probes) < PROBES:
            probes.append(_probe(target, row))
    counts = lengths(pairs)
    recipe, length = recipe_of(options)
    run = cut(pairs, of_run(length or counts.advised, options.cut_side))
    defaults = [cut(pairs, rule) for rule in DEFAULTS]
    found: list[Finding] = [finding for check in checks for finding in check.findings()]
    found += template_findings(target) if form == "chat" else ()
    found += long_rows(seen, counts, run, options.cut_side, target.window)
    found += trainer_defaults(defaults, counts)
    found += contradictions(seen)
    repeated_rows, repeated_moments = repeats_in_val(seen)
    found += val_repeats_train(seen, repeated_rows, repeated_moments)
    order = list(CHECKS)
    gpus, note = gpu_estimates(target, trained, version.points.get(Part.VAL, 0), recipe, run.length, options.prices)
    tokens = sum((prompt + completion) * times for (prompt, completion), times in pairs.items())
    return Preflight(
        dataset=version.address,
        parameters=options.as_data(),
        target=_facts(target, form),
        rows={part.value: version.points.get(part, 0) for part in PARTS},
        lengths=counts,
        cuts=(run, *defaults),
        supervised=sum(completion * times for (_, completion), times in pairs.items()) / max(tokens, 1),
        commands={part: dict(sorted(counter.items())) for part, counter in balance.commands.items()},
        flows={part: dict(sorted(counter.items())) for part, counter in balance.flows.items()},
        val_in_train=(repeated_rows, repeated_moments),
        findings=tuple(sorted(found, key=lambda one: order.index(one.check))),
        probes=tuple(probes),
        gpus=gpus,
        gpu_note=note,
        seconds=time.monotonic() - started,
    )


def _counted(rows: Iterable[tuple[Row, Lineage]], total: int, progress: Progress) -> Iterator[tuple[Row, Lineage]]:
    for done, row in enumerate(rows):
        if done % 100 == 0:
            progress("tokens", done, total)
        yield row


def _probe(target: Target, row: Rendered) -> Probe:
    first = max(0, row.border - _AROUND)
    texts = target.decode([[one] for one in row.tokens[first:]])
    ending = tuple((text, first + index >= row.border) for index, text in enumerate(texts))
    return Probe(row.row.part.value, row.row.number, tuple(row.tokens), row.border, ending)


def _facts(target: Target, form: str) -> TargetFacts:
    tokenizer = target.tokenizer
    return TargetFacts(
        model=target.model,
        form=form,
        vocabulary=len(tokenizer),
        window=target.window,
        template_sha256=sha256(target.template.encode()).hexdigest() if target.template else "",
        tokenizer_sha256=target.fingerprint(),
        eos=tokenizer.eos_token or "",
        pad=tokenizer.pad_token or "",
        stops=tuple(tokenizer.convert_ids_to_tokens(sorted(target.stops))),
        folder=str(target.folder) if target.folder else None,
    )
