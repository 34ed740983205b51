# All that is installed goes into .venv/; PYTHON=python3.12 chooses the interpreter (3.10 to 3.12). `make matrix` gives each
# further interpreter an environment of its own inside .venv/.
SUPPORTED := (3, 10) <= sys.version_info[:2] <= (3, 12)
PYTHON ?= $(shell for v in 3.12 3.11 3.10 3; do command -v python$$v >/dev/null && python$$v -c 'import sys, venv, ensurepip; sys.exit(not $(SUPPORTED))' 2>/dev/null && echo python$$v && break; done)
ENV := .venv
BIN := $(ENV)/bin
# -qq hides warnings, above all that some of the vendors' packages are built in an old way, and shows errors.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
COMPILE := .venv/lock/bin/uv pip compile --quiet --universal --python .venv/bin/python --python-version 3.10 --no-python-downloads --no-build-isolation --generate-hashes --no-header --no-annotate --upgrade
export PYTHONPATH := shared:.

.PHONY: setup check fix test unit coverage matrix demo bench faults mutants lock
setup: $(ENV)/ready

# Nothing is built in isolation, where pip would fetch build tools that no lock names.
# The face network's package is taken for its one file: what it needs to run it, TensorFlow, is not installed.
$(ENV)/ready: pyproject.toml requirements-build.lock requirements.lock requirements-faces.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.10, 3.11 or 3.12 with the module venv was found." >&2; echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys, venv, ensurepip; sys.exit(not $(SUPPORTED))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.10, 3.11 or 3.12 with the module venv." >&2; echo "Leave PYTHON out, or name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Setting up $(ENV): this takes a few minutes, mostly downloads."
	@"$(PYTHON)" -m venv --clear $(ENV)
	@$(PIP) install --require-hashes -r requirements-build.lock
	@$(PIP) install --no-build-isolation --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --require-hashes -r requirements-faces.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m imagelabels.providers.onnx.build
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

# Tests run side by side, as many as there are processors.
test: check
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

# The quick ones: no processes are started and nothing takes seconds.
unit: setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "not story"

# The quick tests must run every line and every branch of the packages that pyproject.toml names for coverage.
coverage: setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "not story" --cov

# The quick tests on every other version of Python that is supported and can be found here.
matrix:
	@.ci/matrix

# PHOTOS=folder shows it on photos of yours; KEEP=1 leaves the clouds running until Ctrl-C; PORT=9001 where something
# else listens on 9000. The value of PHOTOS is taken as it stands ($(value ...) expands nothing) and reaches the shell
# as a variable, so a path may hold dollar signs, quotes and spaces: make demo PHOTOS='a$b'.
PHOTOS ?= photos
PORT ?= 9000
override PHOTOS := $(value PHOTOS)
export PHOTOS
demo: setup
	@$(BIN)/python -m demo --port "$(PORT)" $(if $(filter-out 0 no,$(KEEP)),--keep) -- "$$PHOTOS"

# PyTorch is only compared with, so no lock names it: its builds, of 0.2 to 3 GB, differ by platform and by where they
# come from, and no one set of hashes holds for all. Without it the comparison is left out and the run says so.
bench: setup
	@test -e .venv/bench/ready || { $(PIP) install --target .venv/bench torch==2.13.0 efficientnet-lite-pytorch==0.1.0 && touch .venv/bench/ready; } || true
	$(BIN)/python -m benchmarks

faults: setup
	$(BIN)/python -m tests.faults

# MODULES="domain/tags.py records" chooses the modules and packages that are changed. Cosmic Ray has an environment of its
# own, so that what it needs is not mixed with what is tested. A module takes some minutes, all of them more than an hour.
mutants: setup
	test -e .venv/mutants || "$(PYTHON)" -m venv .venv/mutants
	.venv/mutants/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-mutants.lock
	$(BIN)/python -m tests.mutants $(MODULES)

# The locks name versions and hashes only; they serve Python 3.10, 3.11 and 3.12. uv, which makes them, has its own.
lock: setup
	test -e .venv/lock || "$(PYTHON)" -m venv .venv/lock
	.venv/lock/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-lock.lock
	$(COMPILE) --all-extras pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --group build --output-file requirements-build.lock
	$(COMPILE) --group lock --output-file requirements-lock.lock
	$(COMPILE) --group mutants --output-file requirements-mutants.lock
