"""Run in an environment of its own: the coefficients by NLTK (nltk.metrics.agreement), for tables of answers as JSON on stdin.

A table is a list of items, each an object of annotator → label. Prints a list of objects: `alpha` (Krippendorff's, with missing
answers), `fleiss` (there: Siegel and Castellan's K, the same for complete tables; null for others), `cohen` (of the first two
annotators, on the items that both answered). One that NLTK cannot compute is null.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable


def main() -> None:
    from nltk.metrics.agreement import AnnotationTask  # type: ignore[import-not-found]

    def value(compute: Callable[..., float], rows: list[tuple[str, int, str]], *names: str) -> float | None:
        try:
            return float(compute(AnnotationTask(data=rows), *names))
        except (ZeroDivisionError, ValueError):
            return None

    found = []
    for table in json.load(sys.stdin):
        annotators = sorted({name for item in table for name in item})
        pairable = [item for item in table if len(item) > 1]
        rows = [(name, number, label) for number, item in enumerate(pairable) for name, label in item.items()]
        both = [
            (name, number, item[name])
            for number, item in enumerate(table)
            for name in annotators[:2]
            if set(annotators[:2]) <= item.keys()
        ]
        complete = all(len(item) == len(annotators) for item in table)
        found.append(
            {
                "alpha": value(AnnotationTask.alpha, rows) if rows else None,
                "fleiss": value(AnnotationTask.pi, rows) if complete else None,
                "cohen": value(AnnotationTask.kappa_pairwise, both, *annotators[:2]) if both else None,
            }
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
