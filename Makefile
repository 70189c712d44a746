# Kinamik. `make help` says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
WEB := services/config-api/web
EMULATE := tests/servers/emulate
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f ! -name '*.gen.ts' 2>/dev/null) $(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/*.mjs $(WEB)/*.json)
# Tests that may run beside others share the processors. JOBS=1: one after the other.
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
# What failed is tried once more, with the machine to itself: when it is busy a test may lose patience, a defect fails twice.
PYTEST = $(BIN)/python -m pytest
TRY = $(PYTEST) $(1) $(2) || { [ $$? = 1 ] && $(PYTEST) $(1) --last-failed --last-failed-no-failures none; }
# Where Python may not keep what it has compiled, each of the many processes compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Node, and Go, of the venv where there is one, else the machine's.
WITH_VENV := PATH="$(CURDIR)/$(BIN):$$PATH"
WITH_NODE := $(WITH_VENV)
SOURCES := -e shared $(patsubst %,-e services/%,ingest drafter writer config-api audit) -e deploy/embedded

.DEFAULT_GOAL := help
.PHONY: help install web run demo kafka run-kafka redrive test check lint types imports texts web-api helm chart chart-readme dashboards bench screenshots lock clean

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

$(VENV)/.node: requirements-node.lock $(BIN)/uv
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a == 22 && b >= 12) ? 0 : 1)' 2>/dev/null \
	    && command -v npm >/dev/null || VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-node.lock
	@touch $@

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json $(VENV)/.node
	@echo "Installing what the web pages are built with (about 130 MB, once) ..."
	@cd $(WEB) && $(WITH_NODE) npm ci --omit=dev --silent --no-progress
	@touch $@

$(WEB)/node_modules/.installed-dev: $(WEB)/package-lock.json $(VENV)/.node
	@cd $(WEB) && $(WITH_NODE) npm ci --silent --no-progress
	@touch $@ $(WEB)/node_modules/.installed

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEB_SOURCES)
	@echo "Building the web pages ..."
	@cd $(WEB) && $(WITH_NODE) npm run --silent build -- --logLevel warn
	@touch $@

$(EMULATE)/node_modules/.installed: $(EMULATE)/package-lock.json $(VENV)/.node
	@cd $(EMULATE) && $(WITH_NODE) npm ci --silent --no-progress
	@touch $@

web: $(WEB)/dist/index.html ## Build the web pages

run: install web ## Start everything on this machine, with a demo mailbox; Ctrl-C ends it
	@exec $(BIN)/python -m embedded.main

demo: install ## Send five mails to a running `make run` and watch the drafts appear
	@exec $(BIN)/python -m embedded.demo

kafka: install ## Get Apache Kafka from Maven Central and run one broker (needs Java and Maven)
	@exec $(BIN)/python deploy/kafka/broker.py

run-kafka: install web ## Start the five services as processes on Kafka and PostgreSQL
	@exec $(BIN)/python -m embedded.processes

redrive: install ## List failed messages; open them again with ARGS="--all" or ARGS="--reason quota_exceeded"
	@$(BIN)/python -m embedded.redrive $(ARGS)

test: $(VENV)/.installed-dev $(WEB)/node_modules/.installed-dev $(EMULATE)/node_modules/.installed web ## Run every test this machine can run
	@cd $(WEB) && $(WITH_NODE) npm run --silent test
	@$(call TRY,-m "not alone",-n $(JOBS) --dist loadfile --no-loadscope-reorder)
	@$(call TRY,-m alone)

check: lint types imports texts test ## Lint, types, import rules, texts and tests

lint: $(VENV)/.installed-dev $(WEB)/node_modules/.installed-dev ## Style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@cd $(WEB) && $(WITH_NODE) npm run --silent lint

types: $(VENV)/.installed-dev $(WEB)/node_modules/.installed-dev ## Types, strictly
	@$(BIN)/pyright
	@cd $(WEB) && $(WITH_NODE) npm run --silent types

imports: $(VENV)/.installed-dev ## Who may import whom
	@$(BIN)/lint-imports

texts: $(WEB)/node_modules/.installed-dev ## No text of the web pages is hard-coded or untranslated
	@cd $(WEB) && $(WITH_NODE) npm run --silent texts

web-api: $(VENV)/.installed-dev $(WEB)/node_modules/.installed-dev ## Make the web pages' API client anew
	@$(BIN)/python -m config_api.openapi > $(WEB)/openapi.json
	@cd $(WEB) && $(WITH_NODE) npm run --silent api

$(VENV)/.go: requirements-go.lock $(BIN)/uv
	@cd tests/chart/tools && go list -m >/dev/null 2>&1 \
	    || VIRTUAL_ENV=$(CURDIR)/$(VENV) $(CURDIR)/$(BIN)/uv pip install --quiet --require-hashes -r $(CURDIR)/requirements-go.lock
	@touch $@

$(VENV)/.helm: tests/chart/tools/go.mod tests/chart/tools/go.sum $(VENV)/.go
	@echo "Building Helm and helm-unittest (minutes, once) ..."
	@cd tests/chart/tools && $(WITH_VENV) go build -ldflags='-s -w' -o $(CURDIR)/$(BIN)/ tool
	@touch $@

helm: $(VENV)/.helm ## Build Helm and its unit tests' tool into .venv

chart: helm $(VENV)/.installed-dev ## Check the Helm chart: lint, unit tests, every object of every set of values
	@$(BIN)/python -m pytest tests/chart

chart-readme: ## Make the chart's page anew from its values
	@$(PYTHON) deploy/helm/kinamik/readme.py

dashboards: $(VENV)/.installed-dev ## Make Grafana's dashboards and Prometheus' rules anew
	@$(BIN)/python -m deploy.observability

screenshots: $(VENV)/.installed-dev web ## Every page of the web UI, in both languages and three widths, into .kinamik/screenshots
	@$(BIN)/python -m tests.web.screenshots .kinamik/screenshots

bench: $(VENV)/.installed-dev ## Measure: quality, latency, throughput, memory
	@$(BIN)/python -m tests.benchmarks

lock: $(BIN)/uv ## Pin dependencies anew, with hashes and without any registry's address
	@$(BIN)/uv lock --quiet --upgrade
	@$(BIN)/uv export --quiet --no-dev --no-emit-workspace --no-annotate --no-header --all-packages --all-extras -o requirements.lock
	@$(BIN)/uv export --quiet --only-group dev --no-emit-workspace --no-annotate --no-header -o requirements-dev.lock
	@$(BIN)/uv export --quiet --only-group images --no-emit-workspace --no-annotate --no-header -o requirements-images.lock
	@$(BIN)/uv export --quiet --only-group node --no-emit-workspace --no-annotate --no-header -o requirements-node.lock
	@$(BIN)/uv export --quiet --only-group go --no-emit-workspace --no-annotate --no-header -o requirements-go.lock

clean: ## Remove what was installed and what was stored
	rm -rf $(VENV) .kinamik $(WEB)/node_modules $(WEB)/dist $(EMULATE)/node_modules
