# `make demo` and `make test` set up all that they need; a second run finds it there.

PYTHON ?= python3
export PYTHON
BIN := .venv/bin
MANUAL := docs/_build/html

.DEFAULT_GOAL := help
.PHONY: help demo test unit e2e lint types layers docs man pictures links report bench fresh index dist zipapp deb lock packages clean

help:
	@echo "make demo     shows the main job on real input"
	@echo "make test     runs lint, types, layers, the manual and every test"
	@echo "make unit     runs the tests alone; ARGS='tests/rules -k CNI305' chooses"
	@echo "make e2e      runs the tests with a real containerd and podman, which it installs"
	@echo "make report   shows how many of some thousand mistakes are found"
	@echo "make docs     builds the manual in $(MANUAL)"
	@echo "make man      writes the man pages in docs/man anew, after a change of commands or settings"
	@echo "make pictures draws docs/pictures anew, after a change of what commands show"
	@echo "make links    asks every address that the manual names; it needs the internet"
	@echo "make bench    measures how long commands take to start"
	@echo "make dist     makes the wheel and the archive of the sources in dist/"
	@echo "make zipapp   makes dist/cnictl.pyz, which needs nothing but Python 3.11 or newer"
	@echo "make deb      makes the Debian packages in dist/; ARCH=amd64 makes one alone"
	@echo "make fresh    renews all kept files that come from the code: index, man and pictures"
	@echo "make index    renews what completions know of commands, codes and schemas"
	@echo "make lock     renews the lock files after a change of dependencies"
	@echo "make clean    removes all that was made here"

demo: .venv/installed packages
	@$(BIN)/python -m tests.support.walk docs/tutorial/first-network.md

test: lint types layers docs unit

unit: .venv/installed-dev packages
	@.ci/in-memory $(BIN)/pytest -n auto $(ARGS)

e2e: .venv/installed-dev
	@CI=1 .ci/packages
	@CI=1 .ci/in-memory $(BIN)/pytest -n auto -m e2e $(ARGS)

lint: .venv/installed-dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@echo "lint: clean"

types: .venv/installed-dev
	@$(BIN)/mypy --no-error-summary
	@echo "types: clean"

layers: .venv/installed-dev
	@$(BIN)/lint-imports --no-cache >.venv/layers.log || { cat .venv/layers.log; exit 1; }
	@echo "layers: kept"

docs: .venv/installed-dev
	@$(BIN)/sphinx-build -q -W --keep-going -j auto -b html docs $(MANUAL)
	@echo "the manual is in $(MANUAL)/index.html"

# What can be looked at without the internet is looked at by `tests/docs/test_links.py`.
links: .venv/installed-dev
	@$(BIN)/sphinx-build -q -b linkcheck docs docs/_build/links

man: .venv/installed-dev
	@rm -f docs/man/*.[15]
	@$(BIN)/python -m docs.generating.man docs/man
	@echo "the man pages are in docs/man; \`man -l docs/man/cnictl.1\` shows one"

pictures: .venv/installed-dev
	@$(BIN)/python -m docs.pictures

report: .venv/installed-dev
	@$(BIN)/python -m tests.mutation.report

bench: .venv/installed
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python tests/bench/startup.py

dist: .venv/installed-dev
	@$(BIN)/python -m docs.deploy.package.dist

zipapp: .venv/installed-dev
	@$(BIN)/python -m docs.deploy.package.zipapp

deb: .venv/installed-dev
	@$(BIN)/python -m docs.deploy.package.deb $(ARCH)

fresh: index man pictures

index: .venv/installed
	@$(BIN)/python -m cnictl.cli.completing.survey

lock: .venv/installed-dev
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml \
		-c requirements.lock --group dev --group docs --group release -o requirements-dev.lock

packages:
	@.ci/packages

# Bytecode is written at once: without it, a read-only or a first run would take twice as long to start.
.venv/installed: requirements.lock pyproject.toml | packages
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q cnictl
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	@rm -rf .venv build dist docs/_build docs/reference/codes docs/reference/commands docs/reference/parts docs/reference/json.md .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find cnictl tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
