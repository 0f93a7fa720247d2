# Everything from Python 3.11 and make alone: `make` explains. Plain sh and old make (3.81) are enough.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# The interpreter is chosen here; uv must not fetch another one.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept whatever the caller's shell says: the tests start some fifty servers, and to compile
# everything takes each of them longer than to start.
export PYTHONDONTWRITEBYTECODE :=

# uv from the PATH, else one inside the project's own environment. The second try trusts the certificates that this
# machine trusts, for networks that sign their own.
UV = uv=$$(command -v uv || echo $(BIN)/uv); [ -x "$$uv" ] || $(BIN)/python -m pip install --quiet uv || exit 1;
SYNC = sync() { "$$uv" sync --frozen --quiet $(1); }; \
	sync 2>.venv/.sync || UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true sync 2>>.venv/.sync || { cat .venv/.sync >&2; exit 1; }

.PHONY: help demo install check test exhaustive soak lint migration golden keep-schema bench bench-growth

help:
	@echo 'make demo                  serve Kota Medan and a year of work on http://127.0.0.1:8000 (PORT=8123: elsewhere)'
	@echo 'make install               bring what the server needs into .venv'
	@echo 'make check                 lint, and the quick tests: the house, the rules, the API (ARGS="-k lapse": some)'
	@echo 'make test                  run the tests (ARGS="tests/rules -k lapse": some)'
	@echo 'make exhaustive            run the tests that take long: what walks everything again, tests a test, or soaks'
	@echo 'make soak                  load a server for three minutes and print its memory (ARGS="--minutes 10")'
	@echo 'make lint                  ruff, mypy, and who may import whom'
	@echo 'make migration NAME=x      write the migration that brings the tables to the models'
	@echo 'make golden                print anew what is committed and tested: schema.graphql, docs, the SQL of reads'
	@echo "make keep-schema           keep schema.graphql as this release's, by which later ones are measured"
	@echo 'make bench                 measure this server and its peers side by side'
	@echo 'make bench-growth          measure this server among 50,000 and among 5 million tasks'
	@echo
	@echo 'Needed: Python 3.11 or newer, and make. uv is used when it is there. PYTHON=/path/to/python: another Python.'

demo: .venv/.installed
	@exec $(BIN)/kolaborasi --data-dir .data/demo demo --port $(PORT)

install: .venv/.installed

check: lint
	@exec $(BIN)/pytest -q -n 2 --dist worksteal -m "not exhaustive and not long" tests/house tests/rules tests/api $(ARGS)

test: .venv/.installed-dev
	@exec $(BIN)/pytest -n 2 --dist worksteal -m "not exhaustive" $(ARGS)

exhaustive: .venv/.installed-dev
	@exec $(BIN)/pytest -n 2 --dist worksteal -m exhaustive $(ARGS)

soak: .venv/.installed-dev
	@exec $(BIN)/python -m bench.soak $(ARGS)

lint: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/lint-imports --config imports-at-run-time.toml

migration: .venv/.installed-dev
	@test -n "$(NAME)" || { echo 'Name it: make migration NAME=add_colour' >&2; exit 2; }
	@$(BIN)/tortoise -c server.database.migrate.TORTOISE makemigrations --name "$(NAME)"
	@echo 'Read it before you commit it: server/migrations/__init__.py says what Tortoise leaves out.'

golden: .venv/.installed-dev
	@$(BIN)/kolaborasi export-schema --output schema.graphql
	@GOLDEN=write $(BIN)/pytest -q -m golden tests/house/test_migrations.py  # the others begin with its tables
	@GOLDEN=write $(BIN)/pytest -q -m golden --ignore tests/house/test_migrations.py

keep-schema: .venv/.installed-dev
	@exec $(BIN)/python -m tests.house.compatible

bench: .venv/.installed-dev
	@exec $(BIN)/python -m bench $(ARGS)

bench-growth: .venv/.installed-dev
	@exec $(BIN)/python -m bench.growth $(ARGS)

# The stamps remember what is installed: a second start asks neither the network nor the resolver.
.venv/.installed: pyproject.toml uv.lock | $(BIN)/python
	@echo 'Installing what the server needs …'
	@$(UV) $(call SYNC,--no-dev --inexact)
	@touch $@

.venv/.installed-dev: pyproject.toml uv.lock | $(BIN)/python
	@echo 'Installing what the server and its tests need …'
	@$(UV) $(call SYNC)
	@touch .venv/.installed $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'Python 3.11 or newer is needed and there is no $(PYTHON); PYTHON=/path/to/python names another.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). PYTHON=/path/to/python names another." >&2; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --python "$$(command -v $(PYTHON))" .venv; \
	else $(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
		echo 'This Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv' >&2; \
		exit 1; }; fi
