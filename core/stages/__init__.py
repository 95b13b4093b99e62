"""What the stages that ask language models have in common: an estimate before, progress while, and a report after."""
