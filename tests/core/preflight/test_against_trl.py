"""Token for token against TRL itself: the ids and labels that its trainer prepares and its collator hands to the model."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.dataset.folder import read_rows
from core.dataset.models import Part
from core.preflight.options import PreflightOptions
from core.preflight.rendering import Rendered, Renderer, read_with_lineage
from core.preflight.target import load_target
from tests.core.preflight import model_folders as made
from tests.core.preflight.conftest import Check, found
from tests.core.preflight.long_prompt import COMPLETION, prompt_of
from tests.core.preflight.tiktoken_folders import LLAMA_3, QWEN, write_model_folder
from tests.core.preflight.versions_by_hand import Example, write_version
from tests.environments import ROOT, built_environment

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(1800)]

SCRIPT = Path(__file__).with_name("trl_labels.py")
TEXTS = (
    ("Renew book 12, please.", "start flow renew_loan"),
    ("  借书 — “Émile”?\n\n", "set slot loan_title Émile\nset slot branch 图书馆"),
    ("Your commands:\n" + "The reader asks for the opening hours. " * 30, "provide info"),
    ("No line break at the end of this one: sta", "rt flow renew_loan"),
)
ROWS = [{"prompt": prompt, "completion": completion} for prompt, completion in TEXTS]


@pytest.fixture(scope="session")
def trl_python() -> Path:
    return built_environment("trl", "torch==2.13.0", "trl==1.16.*")


@pytest.fixture(scope="session")
def trl_templates(trl_python: Path) -> Path:
    """The real chat templates that TRL carries for its own checks."""
    (folder,) = trl_python.parents[1].glob("lib/python*/site-packages/trl/chat_templates")
    return folder


@pytest.fixture(scope="session")
def wheels() -> Path:
    folder = ROOT / ".cache" / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def real_model(tmp_path: Path, trl_templates: Path, wheels: Path) -> Callable[[str], Path]:
    """`real_model("qwen3")`: the real vocabulary with the real template."""

    def write(name: str) -> Path:
        vocabulary = LLAMA_3 if name.startswith("llama") else QWEN
        template = (trl_templates / f"{name}.jinja").read_text("utf-8")
        return write_model_folder(vocabulary, tmp_path / name, wheels, template)

    return write


def _trl(python: Path, scratch: Path, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    file = scratch / "jobs.json"
    file.write_text(json.dumps([job | {"model": str(job["model"])} for job in jobs]), encoding="utf-8")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(scratch / "hf"), "TOKENIZERS_PARALLELISM": "false"}
    shown = subprocess.run([python, SCRIPT, file], env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line.removeprefix("RESULT ")) for line in shown.stdout.splitlines() if line.startswith("RESULT ")]


def _ours(scratch: Path, model: Path) -> list[Rendered]:
    target = load_target(PreflightOptions(model=str(model)))
    version = write_version(scratch / f"{model.name}-rows", [Example(row["prompt"], row["completion"]) for row in ROWS])
    assert [row.prompt for row in read_rows(version, Part.TRAIN)] == [row["prompt"] for row in ROWS]
    form = "chat" if target.template else "plain"
    return list(Renderer(target, form).render(read_with_lineage(version)))  # type: ignore[arg-type]


def test_ids_and_labels_are_trls_own_in_every_family(
    trl_python: Path, tmp_path: Path, smollm2: Path, real_model: Callable[[str], Path]
) -> None:
    models = [
        smollm2,
        made.write_gemma(tmp_path / "gemma", stops=("<eos>", "<end_of_turn>")),
        made.write_gemma(tmp_path / "base", template=None),
        made.write_model(tmp_path / "thinks", made.THINKS_ONLY_WHEN_SERVED),
        made.write_model(
            tmp_path / "mistral", made.MISTRAL, special=("<unk>", "<s>", "</s>"), bos="<s>", eos="</s>", pad="<unk>"
        ),
        made.write_model(tmp_path / "pads_with_eos", pad="<|im_end|>"),
        *(real_model(name) for name in ("qwen2_5", "qwen3", "llama3", "llama3_2")),
    ]
    results = _trl(trl_python, tmp_path, [{"model": model, "rows": ROWS, "max_length": None} for model in models])
    for model, theirs in zip(models, results, strict=True):
        ours = [[row.tokens, [-100] * row.border + row.learned] for row in _ours(tmp_path, model)]
        assert theirs["rows"] == ours, model.name
        assert theirs["batch"] == ours, model.name  # the collator masks nothing more, not even an EOS that pads
        assert {label for labels in theirs["padded_labels"] for label in labels} <= {-100}, model.name


def test_trl_drops_the_row_that_the_preflight_says_it_drops(
    trl_python: Path, tmp_path: Path, check: Check, real_model: Callable[[str], Path]
) -> None:
    """The seed's example with Qwen's own vocabulary: 1,103 tokens of prompt, cut at TRL's default."""
    from tokenizers import Tokenizer

    model = real_model("qwen2_5")
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    prompt = prompt_of(1103, lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids))
    rows = [{"prompt": prompt, "completion": COMPLETION}, ROWS[0]]
    (kept,) = _trl(trl_python, tmp_path, [{"model": model, "rows": rows, "max_length": 1024}])
    assert len(kept["rows"]) == 1  # the long row is gone, without a word
    report = check(model, [Example(row["prompt"], row["completion"]) for row in rows], dialect="v1", max_length=1024)
    finding = found(report, "long-rows")
    assert (finding.count, finding.rows[0].row) == (1, 1)
    assert {cut.trainer: cut.lost for cut in report.cuts} == {
        "this run": 1, "TRL's default": 1, "Axolotl's default": 1, "LLaMA-Factory's default": 0,
    }  # fmt: skip


def test_real_templates_show_what_they_are_known_for(check: Check, real_model: Callable[[str], Path]) -> None:
    rows = [Example(f"{row['prompt']} {number}", row["completion"]) for row in ROWS[:1] for number in range(12)]
    clock = found(check(real_model("llama3_2"), rows), "clock")
    assert "Today Date: " in clock.what
    assert "clock" not in [one.check for one in check(real_model("llama3"), rows).findings]
    assert r"<think>\n\n</think>" in found(check(real_model("qwen3"), rows), "added-text").what
    assert "You are Qwen" in found(check(real_model("qwen2_5"), rows), "system-prompt").what
