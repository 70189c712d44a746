# Kinamik. `make help` says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
SOURCES := -e shared $(patsubst %,-e services/%,ingest drafter writer config-api audit) -e deploy/embedded

.DEFAULT_GOAL := help
.PHONY: help install run demo kafka run-kafka redrive test check lint types imports bench lock clean

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## Install everything that running needs into .venv

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Kinamik needs Python 3.11 or newer. Name one: PYTHON=/path/to/python3.11 make run"; exit 1; }
	@echo "Installing uv ..."
	@$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: requirements.lock $(BIN)/uv
	@echo "Installing what Kinamik needs (about 250 MB, once) ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps $(SOURCES)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the tools for tests ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --require-hashes -r requirements-dev.lock
	@touch $@

run: install ## Start everything on this machine, with a demo mailbox; Ctrl-C ends it
	@exec $(BIN)/python -m embedded.main

demo: install ## Send five mails to a running `make run` and watch the drafts appear
	@exec $(BIN)/python -m embedded.demo

kafka: install ## Get Apache Kafka from Maven Central and run one broker (needs Java and Maven)
	@exec $(BIN)/python deploy/kafka/broker.py

run-kafka: install ## Start the five services as processes on Kafka and PostgreSQL
	@exec $(BIN)/python -m embedded.processes

redrive: install ## List failed messages; open them again with ARGS="--all" or ARGS="--reason quota_exceeded"
	@$(BIN)/python -m embedded.redrive $(ARGS)

test: $(VENV)/.installed-dev ## Run every test this machine can run
	@$(BIN)/python -m pytest

check: lint types imports test ## Lint, types, import rules and tests

lint: $(VENV)/.installed-dev ## Style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev ## Types, strictly
	@$(BIN)/pyright

imports: $(VENV)/.installed-dev ## Who may import whom
	@$(BIN)/lint-imports

bench: $(VENV)/.installed-dev ## Measure: quality, latency, throughput, memory
	@$(BIN)/python -m tests.benchmarks

lock: $(BIN)/uv ## Pin dependencies anew, with hashes and without any registry's address
	@$(BIN)/uv lock --quiet --upgrade
	@$(BIN)/uv export --quiet --no-dev --no-emit-workspace --no-annotate --no-header --all-packages --all-extras -o requirements.lock
	@$(BIN)/uv export --quiet --only-group dev --no-emit-workspace --no-annotate --no-header -o requirements-dev.lock

clean: ## Remove what was installed and what was stored
	rm -rf $(VENV) .kinamik
