# Two commands are enough: `make up` and `make test`.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEARCH_PG := $(shell if [ -n "$$OPENREDRESS_TEST_POSTGRES_URL" ]; then echo "$$OPENREDRESS_TEST_POSTGRES_URL"; \
  elif command -v pg_isready >/dev/null 2>&1 && pg_isready -q -h 127.0.0.1 -p 5432 2>/dev/null; then \
  echo postgresql://postgres@127.0.0.1:5432/postgres; fi)
PYTEST := $(BIN)/python -m pytest
PARALLEL ?= 2

.PHONY: setup up test lint rules sqlite postgres newer lock clean

setup: $(VENV)/.core

$(VENV)/.core: requirements/analysis.txt pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新 / Python 3.11 or newer is needed: make PY=python3.11 setup"; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || { echo "缺少 venv：apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PY) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/analysis.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Sets up, makes the demo city once, serves http://127.0.0.1:8000 and prints the sign-ins.
up: setup
	@$(BIN)/openredress up

test: $(VENV)/.dev lint rules sqlite postgres newer
	@echo "make test: 全部通过 / all green"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache > /dev/null || { $(BIN)/lint-imports --no-cache; exit 1; }
	$(BIN)/mypy

rules: $(VENV)/.dev
	$(PYTEST) -n $(PARALLEL) tests/rules tests/packs tests/house

sqlite: $(VENV)/.dev
	OPENREDRESS_DATABASE_URL= $(PYTEST) -n $(PARALLEL) --dist loadfile --ignore tests/rules --ignore tests/packs --ignore tests/house tests

postgres: $(VENV)/.dev
ifneq ($(SEARCH_PG),)
	OPENREDRESS_DATABASE_URL=$(SEARCH_PG) $(PYTEST) -n $(PARALLEL) --dist loadfile -m "not browser and not once" --ignore tests/rules --ignore tests/packs --ignore tests/house tests
else
	@test -z "$$OPENREDRESS_REQUIRE_POSTGRES" || { echo "PostgreSQL is required here and none answers"; exit 1; }
	@echo "跳过 PostgreSQL：没有服务器应答 / skipped: no PostgreSQL answers (set OPENREDRESS_TEST_POSTGRES_URL)"
endif

# The rules and packs must also hold on newer Pythons, with nothing installed.
newer:
	@for v in 3.12 3.13 3.14; do \
	  for p in python$$v $$HOME/.pyenv/versions/$$v*/bin/python; do \
	    if command -v $$p >/dev/null 2>&1 && $$p -c '' 2>/dev/null; then \
	      PYTHONPATH=src $$p -W error tests/newer_python.py || exit 1; break; fi; done; done

lock:
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/core.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra analysis -c requirements/core.txt pyproject.toml -o requirements/analysis.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --all-extras -c requirements/analysis.txt pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Longer runs; each prints its figures.
campaign-clocks: $(VENV)/.dev
	$(BIN)/python bench/campaign_clocks.py --n 100000

campaign-durability: $(VENV)/.dev
	$(BIN)/python bench/campaign_durability.py

campaign-jobs: $(VENV)/.dev
	$(BIN)/python bench/campaign_jobs.py

campaign-concurrency: $(VENV)/.dev
	$(BIN)/python bench/campaign_concurrency.py

campaign-conflict: $(VENV)/.dev
	$(BIN)/python bench/campaign_conflict.py --steps 10000

campaign-kill: $(VENV)/.dev
	$(BIN)/python bench/campaign_kill.py
