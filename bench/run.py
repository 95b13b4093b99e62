"""`make bench`: run all benches (or those named), print a table, write `bench/results/*.json` and `docs/benchmarks.md`.

python -m bench.run [cli] [engine] [ingest] [dataset] [review] [validation] [ambiguity] [llm] [stages] [argilla] [--quick]
"""

from __future__ import annotations

import sys
from importlib import import_module

from bench import page
from bench.measure import Figure, keep

BENCHES = ("cli", "engine", "ingest", "dataset", "review", "validation", "ambiguity", "llm", "stages", "argilla")


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    wanted = [argument for argument in arguments if not argument.startswith("-")] or list(BENCHES)
    missed = 0
    for bench in wanted:
        figures: list[Figure] = import_module(f"bench.bench_{bench}").run(quick=quick)
        if not quick:  # a quick run only shows that the bench works
            keep(bench, figures)
        print(f"\n{bench}")
        for figure in figures:
            limit = "" if figure.limit is None else f"  ≤ {figure.limit:g}  {'ok' if figure.ok else 'MISSED'}"
            peer = f"  (against {figure.peer})" if figure.peer else ""
            print(f"  {figure.value:>12,.2f} {figure.unit:<7}{limit:<16}{figure.name}{peer}", flush=True)
            missed += not figure.ok
    if not quick:
        page.write()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
