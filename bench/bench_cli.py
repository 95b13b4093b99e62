"""Start-up of the command line, against a Typer hello-world in the same run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measure import Figure, interleaved, run_python

HELLO = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str = "world") -> None:
    print(name)
app()
"""
CALL = "import sys; sys.argv = ['workbench', {argument!r}]\nfrom tui.cli.main import run\nrun()"


def run(*, quick: bool) -> list[Figure]:
    """Median of interleaved runs."""
    runs = 5 if quick else 15
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO, encoding="utf-8")
        for argument in ("--help", "--version"):
            ours, peer = interleaved(
                lambda argument=argument: run_python("-c", CALL.format(argument=argument)),  # type: ignore[misc]
                lambda: run_python(str(hello), "--help"),
                runs,
            )
            figures.append(Figure(f"workbench {argument}", ours / peer, "×", 1.5, "Typer hello-world --help"))
            figures.append(Figure(f"workbench {argument}, absolute", ours * 1000, "ms"))
    return figures
