"""Dataset versions written by hand: tests with steps, their rephrasings, and a row for each wording."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.commands import Command, StartFlow, to_json
from core.dataset.folder import ABOUT, LINEAGE, SEALED_LINEAGE, Lineage, rows_name
from core.dataset.models import DatasetVersion, Part
from core.dataset.version import digest_of

PAY = (StartFlow("pay"),)


@dataclass(frozen=True)
class Step:
    """`said`: its rephrasings. Steps with the same `state` follow the same question."""

    original: str
    said: Sequence[str] = ()
    commands: tuple[Command, ...] = PAY
    flows: tuple[str, ...] = ("pay",)
    state: str = "start"


@dataclass
class Written:
    """Collects rows; `write` makes a version of them."""

    lineage: list[Lineage] = field(default_factory=list)
    _steps: int = 0

    def test(self, name: str, *steps: Step, part: Part = Part.TRAIN) -> None:
        """Every wording of every step is a row."""
        for user_step, step in enumerate(steps, 1):
            self._steps += 1
            for variant, text in enumerate((step.original, *step.said)):
                rephrasing = self._steps * 100 + variant if variant else None
                self.row(part, name, user_step, self._steps, variant, rephrasing, step, text)

    def row(
        self, part: Part, name: str, user_step: int, step_id: int, variant: int, rephrasing: int | None, step: Step, said: str
    ) -> None:
        number = sum(one.part is part for one in self.lineage) + 1
        commands = to_json(step.commands)
        self.lineage.append(
            Lineage(part, number, "e2e_tests/t.yml", name, 0, user_step * 10, user_step, step_id, variant, rephrasing, None,
                    step.original, said, commands, step.flows, step.state)
        )  # fmt: skip

    def write(self, folder: Path, prompt: str = "x" * 400) -> DatasetVersion:
        """`prompt`: that of every row."""
        folder.mkdir(parents=True, exist_ok=True)
        ordered = sorted(self.lineage, key=lambda one: list(Part).index(one.part))
        for name, sealed in ((LINEAGE, False), (SEALED_LINEAGE, True)):
            lines = [
                json.dumps({**asdict(one), "part": one.part.value}, ensure_ascii=False)
                for one in ordered
                if (one.part is Part.HOLDOUT) == sealed
            ]
            (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        points = {}
        for part in Part:
            points[part] = sum(one.part is part for one in ordered)
            row = json.dumps({"prompt": prompt, "completion": "start flow pay"})
            (folder / rows_name(part)).write_text(f"{row}\n" * points[part], encoding="utf-8")
        files = {path.name: {"sha256": digest_of(path)} for path in folder.iterdir() if path.name != ABOUT}
        (folder / ABOUT).write_text(json.dumps({"files": files}), encoding="utf-8")
        address, at = folder.name.ljust(64, "0"), "2026-01-12T09:30:00.000Z"
        return DatasetVersion(1, address, at, "maria", {}, "v2", "workbench", "-", "0.5", points, folder)
