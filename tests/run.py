"""What `make test` runs: the static checks, then pytest on all cores. Exits with the first failure's code.

With `CI=true` the slow and real-server tests run too, and a skip of one is a failure (see conftest).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = (
    [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    [str(BIN / "ruff"), "check", "--quiet", "."],
    [str(BIN / "mypy"), "--no-error-summary"],
    [str(BIN / "lint-imports"), "--no-cache"],
)


def main() -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for command in CHECKS:
        print("$", " ".join([Path(command[0]).name, *command[1:]]), flush=True)
        code = subprocess.run(command, cwd=ROOT, env=environment).returncode
        if code:
            print(f"{Path(command[0]).name} found something; the tests were not run. `make check` repeats this.")
            return code
    workers = ["-n", str(min(4, os.cpu_count() or 1))]
    return subprocess.run([sys.executable, "-m", "pytest", *workers, *sys.argv[1:]], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
