# Folkmoot: what people type. Everything works on a fresh machine with Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run demo test check bench soak format clean

run: $(STAMP)  ## Start the bot with what .env says (an empty one: forum and local room on 127.0.0.1:8080)
	$(BIN)/folkmoot run

demo: $(STAMP)  ## Fill the local room with a small conversation, then start
	$(BIN)/folkmoot demo

test: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP)  ## All tests, PostgreSQL included
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

check: $(STAMP)  ## Format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(STAMP)  ## The benchmarks, as ratios
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: $(STAMP)  ## The long runs
	$(BIN)/python -m pytest -m soak --timeout 4800 $(ARGS)

format: $(STAMP)  ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was installed and cached; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

.venv: $(STAMP)  ## Only install

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Folkmoot needs Python 3.11 or newer; say which with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
