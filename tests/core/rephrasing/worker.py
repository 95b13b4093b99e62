"""`python -m tests.core.rephrasing.worker PROJECT`: runs the stage over the network, to be killed while it does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.project import Project
from core.rephrasing.stage import prepare_rephrase
from core.stages.running import run_stage


def main() -> None:
    stage = prepare_rephrase(Project(Path(sys.argv[1])), count=4)
    print("started", flush=True)
    report = asyncio.run(run_stage(stage.project, stage))
    print(dict(report.counts), flush=True)


if __name__ == "__main__":
    main()
