"""Ingest of annotated conversations with rephrasings, against a bare `yaml.CSafeLoader` load of the same files."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import yaml

from bench.measure import Figure, seconds
from core.conversations.models import AnnotatedConversation, Turn, TurnKind
from core.conversations.writing import yaml_of_rephrasings
from core.pipeline.ingest import ingest
from core.project import create_project

WORDS = ("please could you renew my book about harbour birds for two more weeks since reading takes me long").split()  # noqa: SIM905


def run(*, quick: bool) -> list[Figure]:
    """100,000 user steps (a tenth with `quick`) in files of 500 conversations of five steps."""
    steps = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        files = _write_files(Path(folder) / "annotations", steps)
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        bare, ours = [], []
        for turn in range(3):
            bare.append(seconds(lambda: [_load(path) for path in files]))
            project, _ = create_project(_new_folder(Path(folder) / f"project{turn}"))
            connection = project.open()
            ours.append(
                seconds(lambda project=project, connection=connection: ingest(project, connection, files, reviewer="bench"))  # type: ignore[misc]
            )
            assert connection.execute("SELECT count(*) FROM user_step").fetchone() == (steps,)
            connection.close()
        middle, peer = statistics.median(ours), statistics.median(bare)
        return [
            Figure(f"ingest {steps:,} user steps", middle / peer, "×", 2.0, "bare yaml.CSafeLoader"),
            Figure("ingest, throughput", megabytes / middle, "MB/s"),
            Figure("bare CSafeLoader, throughput", megabytes / peer, "MB/s"),
        ]


def _load(path: Path) -> object:
    with path.open("rb") as file:
        return yaml.load(file, yaml.CSafeLoader)


def _new_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _write_files(folder: Path, steps: int) -> list[Path]:
    folder.mkdir()
    conversations = steps // 5
    paths = []
    for start in range(0, conversations, 500):
        batch = [_conversation(number) for number in range(start, min(start + 500, conversations))]
        path = folder / f"part_{start // 500:03}.yml"
        path.write_bytes(yaml_of_rephrasings(batch))
        paths.append(path)
    return paths


def _conversation(number: int) -> AnnotatedConversation:
    turns = []
    for step in range(5):
        words = WORDS[step + number % 7 :] + WORDS[: step + 2]
        flow = ("renew_loan", "reserve_item", "pay_fine", "book_study_room")[(number + step) % 4]
        turns.append(Turn(TurnKind.USER, f"{' '.join(words)} ({number}/{step})", 0, 0, (f"start flow {flow}",)))
        turns.append(Turn(TurnKind.BOT, f"Which item would you like to renew, number {number}?", 0, 0))
        turns.append(Turn(TurnKind.UTTER, "utter_can_do_something_else", 0, 0))
    return AnnotatedConversation("e2e_tests/loans.yml", f"test {number}", 1, 0, 0, tuple(turns))
