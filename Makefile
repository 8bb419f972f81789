# Menshen. `make demo` on a fresh machine needs Python >= 3.11, make and git; everything else is fetched into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
TOOLS := .menshen/bootstrap
RUN := $(VENV)/bin/
UV := $(TOOLS)/bin/uv
MEMBERS := $(wildcard pyproject.toml uv.lock protos/pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml services/*/*/pyproject.toml cli/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src services/*/*/src cli/src)
MIGRATIONS = $(wildcard services/*/src/*/migrations/*.sql)

export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
export GRPC_ENABLE_FORK_SUPPORT := 0

# A download that fails is tried again, a little later each time.
retry = for pause in 2 5 10 last; do if $(1); then break; elif [ $$pause = last ]; then exit 1; else sleep $$pause; fi; done

.PHONY: help bootstrap demo up doctor test test-long test-full check bench bench-full clean

help: ## Show what make can do
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

bootstrap: $(VENV)/.synced ## Fetch everything into .venv; nothing is done twice
	@:

$(TOOLS)/.uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "fetching uv $(UV_VERSION) ..."
	@$(PYTHON) -m venv --clear $(TOOLS)
	@$(call retry,$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION))
	@touch $@

$(VENV)/.synced: $(TOOLS)/.uv-$(UV_VERSION) $(MEMBERS)
	@echo "installing what uv.lock names into $(VENV) ..."
	@$(call retry,$(UV) sync --quiet --frozen --extra embedded --python $$($(TOOLS)/bin/python -c 'import sys; print(sys._base_executable)'))
	@touch $@

demo: bootstrap ## Play the scripted morning on this machine and check it
	@$(RUN)menshen demo

up: bootstrap ## Run the suite until Ctrl-C
	@$(RUN)menshen up

doctor: bootstrap ## Show what this machine has and lacks
	@$(RUN)menshen doctor

test: bootstrap ## The quick test suite, in two workers
	$(RUN)pytest -q -n auto -m "not full and not morning"

test-long: bootstrap ## The large and long proofs alone, the scripted morning among them
	$(RUN)pytest -q -m "full or morning"

test-full: bootstrap ## The test suite, large and long proofs included
	$(RUN)pytest -q

check: bootstrap ## Format, lint, types, import contracts, protos, migrations, manifests
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy $(SOURCES) deploy/check.py deploy/manifests
	$(RUN)lint-imports --config .importlinter
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(RUN)python protos/generate.py --check
	@$(if $(MIGRATIONS),$(RUN)squawk --config .squawk.toml $(MIGRATIONS),echo "no migrations yet")
	@if [ -f deploy/check.py ]; then $(RUN)python deploy/check.py; fi

bench: bootstrap ## Measure against the stated bars; writes build/bench.json and docs/performance.md
	@$(RUN)python tests/performance/bench.py

bench-full: bootstrap ## The same with a million subjects, ten million events and three processes; an hour, 45 GB
	@$(RUN)python tests/performance/bench.py --full

clean: ## Forget environments, caches and run folders
	rm -rf $(VENV) .menshen build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
