# Every command a person needs; `make` alone lists them.
# Paths are relative, so that a checkout in a folder with spaces in its name works too.

PYTHON ?= python3
VENV := .venv/bin/python
SOURCES := app core flows monitoring tests
ARGS ?=

# A Python named on the command line is used even if .venv was made with another one.
NAMED := $(if $(filter command environment,$(origin PYTHON)),--this-python)

# Nothing phones home.
export DO_NOT_TRACK := 1
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_CLIENT_METRICS_ENABLED := false
export MLFLOW_DISABLE_TELEMETRY := true

# What Python compiled is kept, or every command would compile pandas anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run demo test coverage soak bench bench-quick lint format train workflow backfill mlflow screenshots docs lock up down reset

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install everything into .venv; a second time costs nothing
	@$(PYTHON) app/launcher/bootstrap.py $(NAMED)

run: setup ## start TickerLens and print its address and a sign-in link
	@$(VENV) -m app

demo: setup ## sample data in, train, and forecast AAPL, as JSON
	@$(VENV) -m flows demo

test: export TICKERLENS_TRIALS ?= 3
test: setup ## run the tests; ARGS="-k name" chooses some
	@$(VENV) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations 10 $(ARGS)

coverage: export TICKERLENS_TRIALS ?= 3
coverage: setup ## run the tests and print which lines of core, flows and monitoring none reaches
	@mkdir -p var/coverage && $(VENV) -m coverage erase
	@$(VENV) -m coverage run -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --timeout 600 $(ARGS)
	@$(VENV) -m coverage combine --quiet && $(VENV) -m coverage report

soak: export TICKERLENS_TRIALS ?= 200
soak: setup ## run the tests with many more trials, and print what they found
	@$(VENV) -m pytest --timeout 3600 -rP $(ARGS)

bench: setup ## measure what storing, reading and forecasting cost; ARGS="folder" chooses some
	@$(VENV) -m tests.benchmarks $(ARGS)

bench-quick: setup ## the same with less of everything
	@$(VENV) -m tests.benchmarks --quick $(ARGS)

lint: setup ## check formatting, style and types
	@$(VENV) -m black --check --diff --quiet $(wildcard $(SOURCES))
	@$(VENV) -m isort --check --diff --quiet $(wildcard $(SOURCES))
	@$(VENV) -m flake8 $(wildcard $(SOURCES))
	@$(VENV) -m mypy

format: setup ## rewrite the sources as the formatters want them
	@$(VENV) -m isort --quiet $(wildcard $(SOURCES))
	@$(VENV) -m black --quiet $(wildcard $(SOURCES))

train: setup ## train once on the stored bars; ARGS="--scope us" narrows it
	@$(VENV) -m flows train $(ARGS)

workflow: setup ## ingest, score, monitor and forecast once, as every night
	@$(VENV) -m flows nightly $(ARGS)

backfill: setup ## fill a past range; ARGS="--start 2015-01-01" and the options of the command
	@$(VENV) -m flows backfill $(ARGS)

mlflow: setup ## open MLflow's own pages on the experiments kept here
	@$(VENV) -m app mlflow

screenshots: setup ## draw every page in a real browser and keep the pictures
	@$(VENV) -m tests.browser.screenshots

docs: setup ## write anew the documents that are made from the program
	@$(VENV) -m tests.house.generated

lock: setup ## refresh the lock files from pyproject.toml; ARGS=--upgrade takes newer versions
	@$(VENV) -m uv pip compile $(ARGS) --quiet --universal --generate-hashes pyproject.toml -o requirements.txt
	@$(VENV) -m uv pip compile $(ARGS) --quiet --universal --generate-hashes --group pyproject.toml:dev -c requirements.txt --python-version 3.11 -o requirements-dev.txt
	@$(VENV) -m uv pip compile $(ARGS) --quiet --universal --generate-hashes --group pyproject.toml:peers --python-version 3.11 -o tests/benchmarks/peers/requirements.txt

up: ## start the full stack in containers and print its addresses; needs Docker
	@$(PYTHON) app/launcher/stack.py up

down: ## stop the full stack; its data stays
	@$(PYTHON) app/launcher/stack.py down

reset: setup ## delete all data, after asking
	@$(VENV) -m app reset
