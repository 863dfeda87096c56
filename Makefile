# Thin on purpose: the work is in deploy/setup.py, config/demo.py and config/embedded.py.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PORT ?= 8000
HOST ?= 127.0.0.1
DEMO_DIR ?= .demo
TESTS ?= tests
BASE_PYTHON ?= python3
export PORT HOST DEMO_DIR

PYTHON := .venv/bin/python
WITH_SERVICES := $(PYTHON) -m config.embedded
APPS := accounts contest projects judging funding publicity
# Tests and drills keep their data apart from the demo's.
TEST_DIR = $(DEMO_DIR)/test

.PHONY: help setup setup-dev demo demo-reset test lint format ci shots drill bench lock messages tables

help:
	@echo "make demo        the whole portal on http://$(HOST):$(PORT)  (PORT=, DEMO_DIR=)"
	@echo "make demo-reset  throw the demo's data away"
	@echo "make test        the whole test suite; one part of it: make test TESTS=tests/kit"
	@echo "make lint        style, types, layers, templates"
	@echo "make ci          lint and test"
	@echo "make shots       pictures of every main page and of the live final into .shots/"
	@echo "make bench       measure against a bare baseline into .bench/results.json"
	@echo "make drill       what happens when parts of it die; ten thousand bad inputs"
	@echo "make tables      print the stage tables into docs/architecture.md"
	@echo "make lock        renew the locked requirements"

setup:
	@$(BASE_PYTHON) deploy/setup.py

setup-dev:
	@$(BASE_PYTHON) deploy/setup.py --dev

demo: setup
	@exec $(PYTHON) -m config.demo run

demo-reset:
	@if [ -x $(PYTHON) ]; then exec $(PYTHON) -m config.demo reset; fi

test: setup-dev
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m pytest -n auto --dist worksteal -m "not drill" $(TESTS)

lint: setup-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint --lint --quiet templates
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m mypy kit judging/forms $(foreach app,$(APPS),$(wildcard $(app)/actions* $(app)/queries* $(app)/rules*))
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) manage.py makemigrations --check --dry-run

format: setup-dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

ci: lint test

shots: setup-dev
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m tests.shots
	SHOTS=$(CURDIR)/.shots DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m pytest -n 0 tests/journeys/test_live_final.py

drill: setup-dev
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m pytest -n 0 -m drill tests/drills
	DEMO_DIR=$(TEST_DIR) THOROUGH=yes $(WITH_SERVICES) $(PYTHON) -m pytest -n auto tests/projects/test_bad_input.py

bench: setup-dev
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) -m bench

tables: setup
	DEMO_DIR=$(TEST_DIR) $(WITH_SERVICES) $(PYTHON) manage.py print_tables

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(LOCK_OPTIONS) requirements.in --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(LOCK_OPTIONS) requirements-dev.in --output-file requirements-dev.txt
