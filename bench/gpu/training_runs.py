"""Measures training steps on this machine's GPU: `training_runs.py OUTPUT.jsonl PLAN [DEADLINE_SECONDS]`.

PLAN names a list of PLANS. Models are made on the spot (training_models.py); each run has its own process (training_run.py).
Three processes are alive at a time, so that the next import while one trains; those that wait are stopped while steps are
timed. A run that fails leaves its last lines.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEFAULTS: dict[str, Any] = {
    "batch": 4, "accumulation": 1, "length": 1024, "checkpointing": "none", "base": "bf16", "rank": 16, "liger": False,
    "steps": 12,
}  # fmt: skip


def run(trainer: str, shape: str, batch: int, length: int, checkpointing: str, **more: Any) -> dict[str, Any]:
    optimizer = "adamw_8bit" if trainer == "unsloth" else "adamw_torch_fused"
    extra = "".join(f"-{key}{value}" for key, value in more.items() if key != "steps")
    chosen = {"batch": batch, "length": length, "checkpointing": checkpointing, "optimizer": optimizer, **more}
    name = f"{trainer}-{shape}-b{batch}-l{length}-{checkpointing}{extra}"
    return {**DEFAULTS, "name": name, "trainer": trainer, "shape": shape, **chosen}


# "first": chosen and predicted before the model had seen any of these shapes. "second": likewise, after the first were used.
PLANS = {
    "check": [
        run("trl", "tiny", 2, 128, "full", steps=5),
        run("transformers", "tiny", 2, 128, "none", steps=5),
    ],
    "first": [
        run("unsloth", "llama-3.2-3b", 8, 1024, "unsloth"),
        run("trl", "llama-3.2-3b", 2, 1024, "none"),
        run("trl", "llama-3.2-3b", 8, 2048, "full", steps=8),
        run("unsloth", "llama-3.2-3b", 2, 2048, "none"),
        run("trl", "llama-3.2-3b", 2, 2048, "none"),
        run("unsloth", "llama-3.2-3b", 2, 1024, "unsloth", base="4bit"),
        run("trl", "llama-3.2-3b", 4, 1024, "full", base="4bit"),
        run("unsloth", "qwen2.5-1.5b", 8, 2048, "unsloth"),
        run("trl", "qwen2.5-1.5b", 8, 1024, "none"),
        run("trl", "qwen2.5-1.5b", 2, 2048, "full"),
        run("unsloth", "qwen2.5-1.5b", 2, 1024, "none"),
        run("transformers", "qwen2.5-1.5b", 4, 1024, "none"),
    ],
    "second": [
        run("trl", "mistral-7b", 2, 1024, "none"),
        run("unsloth", "mistral-7b", 2, 2048, "unsloth"),
        run("unsloth", "mistral-7b", 4, 1024, "unsloth", base="4bit"),
        run("trl", "mistral-7b", 4, 2048, "full"),
        run("trl", "qwen2.5-0.5b", 4, 1024, "none"),
        run("unsloth", "qwen2.5-0.5b", 2, 1024, "none"),
        run("trl", "qwen2.5-0.5b", 8, 2048, "full", rank=64),
        run("unsloth", "llama-3.2-3b", 8, 2048, "none"),
        run("transformers", "llama-3.2-3b", 2, 1024, "full"),
        run("trl", "llama-3.2-3b", 2, 1024, "full", base="4bit", accumulation=4, steps=8),
    ],
}


def context_gib() -> str:
    """Memory of the GPU that a process holds before it holds any tensor, in GiB."""
    code = "import torch; torch.zeros(1).cuda(); free, total = torch.cuda.mem_get_info(); "
    code += "print((total - free - torch.cuda.memory_reserved()) / 2**30, torch.cuda.get_device_name(), torch.__version__)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()


def main(output: Path, plan: str, deadline: float = 420) -> None:
    started = time.time()
    work = Path(tempfile.mkdtemp())
    runs = PLANS[plan]
    print("context", context_gib(), flush=True)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "UNSLOTH_DISABLE_STATISTICS": "1"}
    shapes = list(dict.fromkeys(each["shape"] for each in runs))
    made = [sys.executable, str(HERE / "training_models.py"), str(work), *shapes]
    making = subprocess.Popen(made, env=environment)
    timing = work / "lock.timing"
    alive: list[tuple[dict[str, Any], subprocess.Popen[bytes], Path]] = []

    def let_one_alone() -> None:
        try:
            timed = int(timing.read_text())
        except (OSError, ValueError):
            timed = 0
        for _, process, _ in alive:
            if process.poll() is None:
                process.send_signal(signal.SIGSTOP if timed not in (0, process.pid) else signal.SIGCONT)

    def settle(most: int) -> None:
        while len(alive) > most:
            let_one_alone()
            for entry in list(alive):
                each, process, log = entry
                left = deadline - (time.time() - started)
                if process.poll() is None and left > 0:
                    continue
                if process.poll() is None:
                    process.kill()
                alive.remove(entry)
                timing.unlink(missing_ok=True)
                if process.wait() != 0:
                    print("FAILED", each["name"], process.returncode, log.read_text(errors="replace")[-1500:], flush=True)
                else:
                    print(f"{time.time() - started:4.0f} s  {each['name']}", flush=True)
            time.sleep(0.1)

    making.wait()
    print(f"models made after {time.time() - started:.0f} s", flush=True)
    for number, each in enumerate(runs):
        if time.time() - started > deadline - 20:
            print("left out for time:", each["name"])
            continue
        folder = work / f"run{number}"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(each))
        log = folder / "log"
        call = [
            sys.executable,
            str(HERE / "training_run.py"),
            "run.json",
            str(work),
            str(work / "lock"),
            str(output.absolute()),
        ]
        with log.open("wb") as file:
            process = subprocess.Popen(call, env=environment, cwd=folder, stdout=file, stderr=subprocess.STDOUT)
        alive.append((each, process, log))
        settle(2)
    settle(0)
    print(f"all after {time.time() - started:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:]))
