"""The files of a coverage run, named and shaped as those of the reference (its documentation, "Test coverage")."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from core.coverage.histogram import histogram_png
from core.coverage.report import SIDES, CoverageReport, Side
from core.errors import UsageError

HEADER = ("Flow Name", "Coverage", "Num Steps", "Missing Steps")


def write_report(
    report: CoverageReport, folder: Path, *, long_header: bool, tests: Callable[[Side], bytes]
) -> tuple[Path, ...]:
    """Write both sides into `folder`, over what an earlier run left. `tests`: the test file of one side.

    Raises:
        UsageError: the folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for side in SIDES:
            title = f"Commands in {side} tests ({report.tests(side):,})"
            for name, content in (
                (f"coverage_report_for_{side}_tests.csv", coverage_csv(report, side, long_header=long_header).encode()),
                (f"commands_histogram_for_{side}_tests.png", histogram_png(report.commands, side, title)),
                (f"{side}.yml", tests(side)),
            ):
                (folder / name).write_bytes(content)
                written.append(folder / name)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", remedy="Name another folder with --out.") from error
    return tuple(written)


def coverage_csv(report: CoverageReport, side: Side, *, long_header: bool) -> str:
    """The flows in file order with unrounded percentages, and the total; the heading alone if no test is on this side.

    `long_header`: as newer versions call the last column (core.dialogue.compat).
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*HEADER, "Line Numbers for Missing Steps" if long_header else "Line Numbers"))
    if report.tests(side):
        for flow in report.flows:
            missing = flow.missing(side)
            lines = f"[{', '.join(step.lines for step in missing)}]"
            writer.writerow((flow.label, flow.percent(side), len(flow.steps), len(missing), lines))
        writer.writerow(("Total", f"{report.percent(side):.2f}%", report.steps, report.missing(side), ""))
    return buffer.getvalue()
