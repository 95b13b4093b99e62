#!/bin/sh
# Seconds per step and peak memory of real LoRA runs, on a machine with a GPU and no network.
#   training_runs.sh BUNDLE OUTPUT.jsonl first|second [DEADLINE_SECONDS]
# BUNDLE: an archive of site/ (TRL, PEFT, Unsloth, bitsandbytes and what they need beside the machine's own torch and
# transformers). The cost model's predictions are compared with what this writes: core/preflight/cost/measured_runs.json.
set -eu
bundle=$1 output=$2 plan=$3
work=$(mktemp -d)
tar -C "$work" -xJf "$bundle" site
export PYTHONPATH="$work/site" PYTHONUNBUFFERED=1 WANDB_DISABLED=true
python3 "$(dirname "$0")/training_runs.py" "$output" "$plan" "${4:-420}"
