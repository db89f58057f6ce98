# Two commands matter: `make demo` and `make test`. Each sets itself up on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
ARGS ?=
UV_VERSION := uv>=0.13,<1
export UV_SYSTEM_CERTS := 1

# What `make check` runs of the tests: those without a server, simulated or not. `make test` runs them all.
FAST := tests/architecture tests/docs tests/locale tests/planner tests/profile tests/transport

.PHONY: demo test check bench soak format docs setup setup-bench

demo: setup
	$(BIN)/passerelle demo $(ARGS)

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: setup
	$(BIN)/ruff format --check src tests bench scripts
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py check
	$(BIN)/python -m pytest -n 2 -q -m "not slow" $(FAST)

soak: setup
	PASSERELLE_SOAK=1 $(BIN)/python -m pytest -n 2 --timeout=7200 tests/scenarios tests/executor $(ARGS)

bench: setup-bench
	$(BIN)/python -m bench $(ARGS)

format: setup
	$(BIN)/ruff format src tests bench scripts
	$(BIN)/ruff check --fix src tests bench scripts

docs: setup
	$(BIN)/python scripts/docs.py

setup: $(VENV)/.ready

setup-bench: setup
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync -q --locked --inexact --group bench

$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Passerelle needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv --help >/dev/null 2>&1 || { echo "Passerelle needs Python's venv module (Debian: apt install python3-venv)"; exit 1; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check "$(UV_VERSION)"
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync -q --locked --inexact
	touch $@
