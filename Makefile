# The two commands: `make repro` (the whole pipeline on the embedded log) and `make test`.

PYTHON ?= python3
BIN := .venv/bin
# DVC and MLflow stay at home: nothing is sent anywhere.
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
# Stages are run as `python -m pipeline.stages.STAGE`: that python is the environment's.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help repro test fuzz kills lint format mlflow docs dvc bench clean scm

help:
	@echo "make repro   run the pipeline on the log in params.yaml (default: the embedded demo)"
	@echo "make test    run the test suite"
	@echo "make fuzz    rubbish as log, contract, params and users table; SEEDS=10000 or SEEDS=300:600, KIND=log"
	@echo "make kills   200 kills over all stages, score and track: nothing lost, the same bytes after; SEEDS=, ONLY=track"
	@echo "make lint    ruff, mypy, import-linter"
	@echo "make mlflow  open the MLflow UI on the local store"
	@echo "make docs    write docs/features.md and docs/contract.md again"
	@echo "make dvc     write into dvc.yaml what the stages read, write and import"
	@echo "make bench   measure speed side by side, into reports/bench.json; the peers come from the package index"
	@echo "make bench ONLY=lists   the quality of lists beside simple rules, on the demo and the public logs"
	@echo "make bench ONLY=sinks   a list delivered to PostgreSQL beside COPY, and killed at twenty points"
	@echo "make bench ONLY=csv   our cutter of CSV beside DuckDB, pyarrow and Polars, on the fuzz corpus and on speed"
	@echo "make bench ONLY=business   the figures of the business from 20 M events: seconds and memory"
	@echo "make bench ONLY=campaign   whether judge finds the true effect, on 20 simulated logs; some twenty minutes"
	@echo "make bench ONLY=delivery   a list of 100,000 users from the raw log to its delivery, stage by stage"
	@echo "make bench ONLY=scale_100m   the growth from 1 M to 100 M events; long, and some GB of disk"

# Other values for one run, in a git checkout:  make repro SET="simulate.users=2000 label.horizon_days=7"
repro: .venv/ready scm
	$(BIN)/dvc $(if $(SET),exp run $(addprefix -S ,$(SET)),repro)
	@$(BIN)/lastlogin where

# A worker for each core; all tests of a file run in one, because they share what they set up.
test: .venv/ready
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# Each seed makes the same rubbish everywhere; a process that dies or hangs is a finding.
fuzz: .venv/ready
	OMP_WAIT_POLICY=passive $(BIN)/python -m tests.support.rubbish.run $(if $(SEEDS),--seeds $(SEEDS)) $(if $(KIND),--kind $(KIND))

# A kill before a file operation, or after some of the usual time; then the same command again, to its end.
kills: .venv/ready
	OMP_WAIT_POLICY=passive $(BIN)/python -m tests.support.kills $(if $(SEEDS),--seeds $(SEEDS)) $(if $(ONLY),--only "$(ONLY)")

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

mlflow: .venv/ready
	$(BIN)/mlflow ui --backend-store-uri sqlite:///mlflow.db

dvc: .venv/ready
	$(BIN)/python -m pipeline.commands.dvc_file

docs: .venv/ready
	$(BIN)/lastlogin features --markdown > docs/features.md
	$(BIN)/lastlogin contract keys > docs/contract.md

bench: .venv/ready
	$(BIN)/python -m benchmarks.run $(if $(ONLY),--only $(ONLY))

# DVC asks for git; from a tarball it must be told that there is none.
scm: .venv/ready
	@if [ -e .git ]; then $(BIN)/dvc config --local --quiet --unset core.no_scm 2>/dev/null || true; \
	else $(BIN)/dvc config --local core.no_scm true; fi

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is missing (PYTHON=$(PYTHON)). Install it:  apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing. Install it:  apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || \
	  { echo "LightGBM needs libgomp.so.1. Install it:  apt-get install libgomp1"; exit 1; }
	@command -v git >/dev/null || \
	  echo "git is missing: dvc repro works without, dvc exp run does not. Install it:  apt-get install git"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf .venv reports/* data/raw/demo data/events data/activity data/logins data/model data/predictions data/profiles data/crm data/quarantine data/external_checked data/external/rates.parquet
