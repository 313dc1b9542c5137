# make run    start Dianwei with a demo at http://localhost:8000 (PORT, DATA_DIR and others: .env.example)
# make test   run every test on SQLite and on PostgreSQL with Redis, in a browser, and at unusual hours and dates
# make test-quick  run the fast tests on SQLite, for everyday work
# make bench  measure 100,000 and 1,000,000 orders on both databases, and compare with the targets
# make bench-quick  the same with 100,000 orders, as far as a laptop can say it in three minutes a database
# make check  linter, formatter, types, import contracts, migrations, translations
PY = .venv/bin/python

.PHONY: venv venv-dev run test test-quick check format lint types walls migrations translations bench bench-quick messages clean

venv: .venv/requirements.txt.stamp
venv-dev: .venv/requirements.txt.stamp .venv/requirements-dev.txt.stamp

.venv/%.stamp: %
	@tools/venv.sh $*

run: venv
	@exec $(PY) manage.py serve

test: venv-dev
	@tools/packages.sh
	@exec $(PY) -m tests.run

check: lint types walls migrations translations  # with -k, the rest goes on when one fails

lint: venv-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/djhtml --check --tabwidth 2 templates tests

format: venv-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	.venv/bin/djhtml --tabwidth 2 templates tests

types: venv-dev
	$(PY) -m mypy .

walls: venv-dev
	.venv/bin/lint-imports --no-logo

migrations: venv-dev
	$(PY) manage.py makemigrations --check --dry-run

translations: venv-dev
	@tools/packages.sh
	$(PY) -m tools.translations --check

test-quick: venv-dev
	@exec $(PY) -m tests.run --only quick

bench: venv-dev
	@tools/packages.sh
	$(PY) -m benchmarks

bench-quick: venv-dev
	$(PY) -m benchmarks --quick

messages: venv-dev
	@tools/packages.sh
	$(PY) -m tools.translations

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache .test-databases test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
