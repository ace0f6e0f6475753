# `make run` and `make test` do all the set-up they need; `make help` lists the rest.
# ARGS passes words on:  make run ARGS=my.neuro    make test ARGS="-k canvas -x -n0"

VENV   ?= .venv
PYTHON ?=
ARGS   ?=
PY     := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test check format docs bench bench-venv wheel venv qt-libs clean distclean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-11s %s\n", $$1, $$2}' Makefile

run: qt-libs venv  ## open the window with a circuit that runs
	@$(PY) -m neurocanvas $(ARGS)

test: qt-libs venv  ## run the tests
	@$(PY) -m pytest --numprocesses=auto --maxprocesses=4 $(ARGS)

check: venv  ## style, types and layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo --no-cache

format: venv  ## put the code into its form
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

docs: venv  ## write docs/kinds, the pages of the catalogue, from the declarations
	@$(PY) tools/make_kind_docs.py

bench: qt-libs venv  ## measure, side by side with the peers, into benchmarks/results.md
	@$(PY) -m benchmarks $(ARGS)

bench-venv: venv  ## environments with the peers, one each, for make bench
	@$(PY) tools/setup_peers.py $(ARGS)

wheel: venv  ## build the wheel into dist/
	@$(PY) -m build --wheel --no-isolation --outdir dist

venv:  ## the environment alone
	@sh tools/setup_venv.sh "$(VENV)" dev "$(PYTHON)"

qt-libs:
	@sh tools/setup_qt_libs.sh

clean:  ## remove what was built, and the caches
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	    .import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean  ## remove the environments too
	@rm -rf .venv .venv-bench
