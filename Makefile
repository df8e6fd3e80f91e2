# 乐享同德. `make help` tells what there is.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# the environment is made again only when a requirement changes
WANTED := $(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
DEV := $(VENV)/.dev-$(WANTED)
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench lock system clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(DEV) ## the virtual environment in .venv/

$(DEV):
	@tools/setup.sh "$(PYTHON)" "$(VENV)" "$(DEV)"

run: setup ## the whole product on http://127.0.0.1:8000/ with demo data
	@tools/run.sh "$(PORT)"

test: setup ## every test, on SQLite and PostgreSQL, with a real browser
	@tools/system.sh test
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup ## format, style, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: setup ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## measurements against peers, side by side
	@$(BIN)/python -m bench

lock: ## lock requirements*.in into requirements*.txt
	@tools/lock.sh "$(PYTHON)"

clean: ## remove what can be made again; data under instance/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis bench/out
