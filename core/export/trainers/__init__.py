"""Configurations with which TRL, Unsloth, Axolotl and LLaMA-Factory load an export."""
