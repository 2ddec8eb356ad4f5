# Everything a newcomer needs; each target makes .venv first if it is missing or pyproject.toml changed.
PYTHON ?= python3.11
BIN := .venv/bin
PORT ?= 5000

.PHONY: help install services browser run test test-slow check docs notebooks ui clean

help:            ## show this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 20

install: .venv/.installed ## make .venv with the tested versions

# torch first and pinned: an unpinned one brings several GB of CUDA packages to a machine without a GPU
.venv/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev,docs,slurm,joblib,ray,boosting]'
	touch $@

services:        ## install what the slow tests need beside .venv: PostgreSQL
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || { \
	  command -v apt-get >/dev/null || { echo "the slow tests need PostgreSQL (initdb, postgres): install it" >&2; exit 1; }; \
	  as_root=; test "$$(id -u)" = 0 || as_root=sudo; \
	  $$as_root apt-get update -qq && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql; }

browser:         ## install the browser of the tests of pages: Chromium with its driver
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null && command -v chromedriver >/dev/null || { \
	  command -v apt-get >/dev/null || { echo "no apt here: the tests of pages skip without chromium and chromedriver" >&2; exit 0; }; \
	  as_root=; test "$$(id -u)" = 0 || as_root=sudo; \
	  $$as_root apt-get update -qq && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium chromium-driver \
	  || echo "chromium could not be installed: the tests of pages skip" >&2; }

run: install     ## train the main experiment on built-in data and print the results
	$(BIN)/remanence train experiment=piezo/ns

test: check      ## checks and fast tests
	$(BIN)/python -m pytest tests -m "not slow" -n 2 -q

test-slow: install services browser ## tests over 20 s or with several processes
	$(BIN)/python -m pytest tests -m slow -n 2 -q

check: install docs ## lint, types, layers, doctests, links of the site
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m remanence.configuration.model_file
	$(BIN)/python -m pytest src docs/reference_pages -q

docs: install    ## build the site into site/; a link that leads nowhere is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

ui: install      ## MLflow UI over the runs under outputs/
	$(BIN)/remanence ui port=$(PORT)

notebooks: install ## run docs/notebooks and store what they show for the site; NAME=beps runs one
	$(BIN)/python docs/notebook_pages/execute.py $(NAME)

clean:           ## remove caches and builds; outputs/ and .venv stay
	rm -rf build dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find src tests experiments -name __pycache__ -type d -exec rm -rf {} +
