# Short verbs. `make demo` and `make test` need Python 3.11 or later and nothing else.
PORT ?= 8000
PYTHON_DIRS = campaigns leads prospects crm bench conftest.py manage.py gunicorn.conf.py
RUN = .venv/bin/python manage.py
.PHONY: demo serve test check bench storm lint fmt types clean

demo: .venv/installed
	@exec $(RUN) demo --port $(PORT)

serve: .venv/installed
	@exec $(RUN) serve --port $(PORT)

test: .venv/installed-dev
	@sh tools/tests.sh

check: .venv/installed-dev lint types
	@$(RUN) makemigrations --check --dry-run
	@sh tools/check_deploy.sh
	@REQUIRE_ALL=1 sh tools/tests.sh

bench: .venv/installed
	@.venv/bin/python -m bench.capture
	@.venv/bin/python -m bench.nurture
	@.venv/bin/python -m bench.advance
	@.venv/bin/python -m bench.rescore
	@.venv/bin/python -m bench.segments
	@.venv/bin/python -m bench.backtest
	@.venv/bin/python -m bench.sales
	@.venv/bin/python -m bench.import_list
	@if [ -n "$$REAL_DATA" ]; then .venv/bin/python -m bench.learn; fi

storm: .venv/installed-dev
	@.venv/bin/python -m bench.storm

lint: .venv/installed-dev
	@.venv/bin/ruff format --check $(PYTHON_DIRS)
	@.venv/bin/ruff check $(PYTHON_DIRS)
	@.venv/bin/djlint templates --lint --quiet

types: .venv/installed-dev
	@.venv/bin/mypy

fmt: .venv/installed-dev
	@.venv/bin/ruff format $(PYTHON_DIRS)
	@.venv/bin/ruff check --fix $(PYTHON_DIRS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

.venv/installed: requirements.txt constraints.txt
	@sh tools/venv.sh requirements.txt && touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt constraints.txt
	@sh tools/venv.sh requirements-dev.txt && touch .venv/installed $@
