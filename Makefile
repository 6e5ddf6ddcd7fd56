# Every target that has a ## comment is listed by `make`.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

# The first Python on PATH that runs and is new enough, and not too new.
CHECK := import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c '$(CHECK)' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

.PHONY: help setup demo test pytest conformance same lint types contracts format client wheels lock bench bench-lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed $(VENV)/.java $(VENV)/.browser ## make .venv with exactly what the lock names, and this project in it

# A changed lock makes the environment anew: nothing stays in it that the lock does not name.
$(VENV)/.locked: requirements.lock
	@test -n "$(PYTHON)" || { echo "Gangmu needs Python 3.11, 3.12 or 3.13 on PATH (or: make PYTHON=/path/to/python)" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON) from requirements.lock; this takes a minute or two"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Spark runs on Java. Where it is not there and cannot be installed, the tests that need it skip and say so.
$(VENV)/.java: $(VENV)/.locked
	@if command -v java >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing a Java for Spark (openjdk-17-jre-headless)"; \
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends openjdk-17-jre-headless; } >/dev/null 2>&1 \
		|| echo "it could not be installed: the tests on Spark will skip" >&2; \
	else echo "no Java on PATH: the tests on Spark will skip (Debian: openjdk-17-jre-headless)" >&2; fi
	@touch $@

# The website is looked at in a real browser, with the fonts of both scripts. As with Java.
$(VENV)/.browser: $(VENV)/.locked
	@if command -v chromium >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing a browser for the website's tests (chromium, fonts-noto-cjk)"; \
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1 \
		|| echo "it could not be installed: the tests in a browser will skip" >&2; \
	else echo "no chromium on PATH: the tests in a browser will skip (Debian: chromium fonts-noto-cjk)" >&2; fi
	@touch $@

demo: setup ## assess an example enterprise from start to end, into build/demo
	@$(BIN)/gangmu demo -o $(DEMO)

test: setup lint types contracts pytest ## everything that has to hold before a change lands

pytest: setup ## the tests alone, on all cores
	@$(BIN)/pytest -n auto

SEED ?= 1
COUNT ?= 100000
FIRST ?= 0
ENGINES ?=
conformance: setup ## hold all engines against the interpreter: SEED=1 COUNT=100000 ENGINES=kernel,...
	@PYTHONPATH=tests $(BIN)/python -m conformance.run --seed $(SEED) --count $(COUNT) --first $(FIRST) $(if $(ENGINES),--engines $(ENGINES)) $(if $(STATE),--state $(STATE))

FIRMS ?= 500
same: setup ## assess the same FIRMS=500 from Parquet, in PostgreSQL and in Spark, and show where answers differ
	@PYTHONPATH=tests $(BIN)/python -m conformance.same --firms $(FIRMS)

lint: setup ## ruff and codespell
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "run: make format" >&2; exit 1; }
	@$(BIN)/codespell

types: setup ## mypy, strict, over src and tests
	@$(BIN)/mypy

contracts: setup ## who may import whom
	@$(BIN)/lint-imports

format: setup ## lay the code out, and mend what can be mended safely
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet

client: setup ## write the typed client anew from the OpenAPI schema
	@$(BIN)/python -m gangmu.web.client_from_schema

# Spark comes as source alone, and is left out: it needs a Java anyway.
ARCH ?= $(shell uname -m)
FOR ?= 3.11
WHEELS = build/wheels-$(ARCH)
wheels: setup ## gather what installs without a network: ARCH=x86_64 or aarch64, FOR=3.11 (the Python there)
	@rm -rf $(WHEELS) && mkdir -p $(WHEELS)
	@awk '/^[a-zA-Z]/ {keep = !/^pyspark==/} keep' requirements.lock > $(WHEELS)/lock
	@$(BIN)/python -m pip download -qq --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
		--implementation cp --python-version $(FOR) $(foreach glibc,2_17 2_26 2_27 2_28,--platform manylinux_$(glibc)_$(ARCH)) \
		--platform manylinux2014_$(ARCH) -r $(WHEELS)/lock -d $(WHEELS)
	@rm $(WHEELS)/lock
	@$(BIN)/python -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation . -w $(WHEELS)
	@echo "$(WHEELS): $$(ls $(WHEELS) | wc -l) wheels; there: pip install --no-index --find-links $(WHEELS) 'gangmu[web,kernel]'"

lock: ## resolve requirements.lock anew from pyproject.toml (asks the package registry)
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install -qq --disable-pip-version-check uv
	@build/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
		--fork-strategy fewest --all-extras --group dev --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links -o requirements.lock
	@rm -rf build/lock

# ROWS=1000000 is the size of the stored results; STORE=1 writes them, and the tables of the README.
ROWS ?= 100000
bench: setup ## measure Gangmu beside its peers (ROWS=1000000 RUNS=7 WORKS="policy holes" STORE=1)
	@$(BIN)/python benchmarks/bench.py --rows $(ROWS) $(if $(RUNS),--runs $(RUNS)) $(if $(WORKS),--works $(WORKS)) \
		$(if $(STORE),--store)

bench-lock: ## resolve the peers' locks anew (asks the package registry)
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install -qq --disable-pip-version-check uv
	@cd benchmarks && for peer in requirements-*.in; do ../build/lock/bin/uv pip compile "$$peer" --quiet \
		--upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links -o "$${peer%.in}.lock" || exit 1; done
	@rm -rf build/lock

clean: ## remove what was made, the environment too
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
