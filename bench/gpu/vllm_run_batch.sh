#!/bin/sh
# Answers a file of questions with a real `vllm run-batch`, on a machine with a GPU and no network.
#   vllm_run_batch.sh BUNDLE INPUT.jsonl OUTPUT.jsonl
# BUNDLE: an archive of site/ (PyTorch stack beside the machine's own torch) and vsite/ (vLLM). The model is made on the spot,
# with random weights: the answers are nonsense, what is proven is that vLLM takes what `workbench --batch DIR` wrote, and
# that what it writes is read back.
set -eu
bundle=$1 input=$2 output=$3
work=$(mktemp -d)
tar -C "$work" -xJf "$bundle"
export PYTHONPATH="$work/site:$work/vsite" HF_HUB_OFFLINE=1 VLLM_USE_FLASHINFER_SAMPLER=0 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
python3 "$(dirname "$0")/random_model.py" "$work/model"
start=$(date +%s)
python3 -m vllm.entrypoints.cli.main run-batch -i "$input" -o "$output" --model "$work/model" --served-model-name base \
    --max-model-len 16384 --enforce-eager --gpu-memory-utilization 0.6 >"$output.log" 2>&1 || { grep Error "$output.log" | cut -c1-300; exit 1; }
echo "$(wc -l <"$input") questions, $(wc -l <"$output") answers, $(($(date +%s) - start)) s with the start of vLLM"
python3 -c "import torch, vllm; print('vLLM', vllm.__version__, 'torch', torch.__version__, torch.cuda.get_device_name())"
