"""Runs in an environment with LLaMA-Factory and Axolotl: their own parsers and loaders read what the export wrote for them.

    python other_trainers_accept.py llamafactory|axolotl FOLDER…

Prints one JSON line for each folder. Imports nothing of the project, and by name, since this environment has none of it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

from trainer_accepts import _learned, _tokenizer  # type: ignore[import-not-found,unused-ignore]


def llamafactory(folder: Path) -> dict[str, Any]:
    """LLaMA-Factory's argument parser refuses unknown keys; its loader finds the rows by dataset_info.json."""
    import_module("transformers")
    sys.modules["torchaudio"] = module_from_spec(ModuleSpec("torchaudio", None))  # asked for at import, used for sound only
    hparams, data = import_module("llamafactory.hparams"), import_module("llamafactory.data")
    classes = tuple(getattr(hparams, f"{name}Arguments") for name in ("Model", "Data", "Training", "Finetuning", "Generating"))
    os.chdir(folder)
    settings = import_module("yaml").safe_load(Path("llamafactory.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        here = {"bf16": False, "use_cpu": True, "output_dir": scratch, "preprocessing_num_workers": 1}
        parser = import_module("transformers").HfArgumentParser(classes)
        model, rows, training, finetuning, _ = parser.parse_dict({**settings, **here})
        tokenizer = _tokenizer()
        template = data.get_template_and_fix_tokenizer(tokenizer, rows)
        found = data.get_dataset(template, model, rows, training, stage=finetuning.stage, tokenizer=tokenizer)
        return {
            "model": model.model_name_or_path,
            "lora": [finetuning.finetuning_type, finetuning.lora_rank, finetuning.lora_alpha, finetuning.lora_target],
            "max_length": rows.cutoff_len,
            "seed": training.seed,
            "learning_rate": training.learning_rate,
            "val": len(found["eval_dataset"]) if found.get("eval_dataset") is not None else 0,
            **_learned(found["train_dataset"], tokenizer),
        }


def axolotl(folder: Path) -> dict[str, Any]:
    """Axolotl's schema, and the strategy it chooses for the rows."""
    schema, wrapping = import_module("axolotl.utils.schemas.config"), import_module("axolotl.prompt_strategies")
    attributes = import_module("axolotl.utils.dict").DictDefault
    os.chdir(folder)
    settings = import_module("yaml").safe_load(Path("axolotl.yaml").read_text(encoding="utf-8"))
    checked = schema.AxolotlInputConfig(**settings)
    unknown = sorted(settings.keys() - schema.AxolotlInputConfig.model_fields.keys())
    config = attributes(checked.model_dump(exclude_none=True))
    tokenizer = _tokenizer()
    prepared = []
    for described in (config["datasets"], config["test_datasets"] or []):
        for one in described:
            own = not isinstance(one["type"], str)  # a prompt of one's own; so does Axolotl tell the two apart
            strategy = wrapping.load("user_defined" if own else one["type"], tokenizer, config, one["type"] if own else one)
            rows = [json.loads(line) for line in Path(one["path"]).read_text(encoding="utf-8").splitlines()]
            prepared.append([strategy.tokenize_prompt(row) for row in rows])
    return {
        "unknown": unknown,
        "model": checked.base_model,
        "lora": [checked.adapter, checked.lora_r, checked.lora_alpha, checked.lora_target_linear],
        "max_length": checked.sequence_len,
        "seed": checked.seed,
        "learning_rate": checked.learning_rate,
        "excess": checked.excess_length_strategy,
        "val": len(prepared[1]) if len(prepared) > 1 else 0,
        **_learned(prepared[0], tokenizer),
    }


if __name__ == "__main__":
    action = {"llamafactory": llamafactory, "axolotl": axolotl}[sys.argv[1]]
    for name in sys.argv[2:]:
        found = action(Path(name).resolve())
        print("RESULT", json.dumps(found, ensure_ascii=False), flush=True)
