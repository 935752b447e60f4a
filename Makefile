# `make demo` and `make test` work on a clean machine with Python 3.11+, Node 20+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo serve test lint format bench clean help
.DEFAULT_GOAL := help

help:
	@echo "make demo    make a talking face: out/demo.mp4"
	@echo "make serve   the HTTP API and the studio on this machine"
	@echo "make test    run the tests"
	@echo "make lint    style, types and import contracts"
	@echo "make bench   measure this machine"
	@echo "make clean   remove everything made here"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"

$(VENV)/.core: pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-compile --editable .
	@touch $@

$(VENV)/.live: pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-compile --editable '.[live]'
	@touch $@ $(VENV)/.core

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-compile --editable '.[live]' --group dev
	@touch $@ $(VENV)/.live $(VENV)/.core

demo: $(VENV)/.core
	@mkdir -p out
	$(BIN)/visavis demo --output out/demo.mp4

STUDIO := visavis/server/static/index.html
$(STUDIO): $(shell find web/src web/public -type f) web/index.html web/package-lock.json web/vite.config.ts
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

serve: $(VENV)/.live $(STUDIO)
	$(BIN)/visavis serve

test: $(VENV)/.dev $(STUDIO)
	$(BIN)/visavis models pull
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) out build dist visavis/server/static web/node_modules .mypy_cache .ruff_cache .pytest_cache
