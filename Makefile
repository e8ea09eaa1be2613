# make run · make test · make demo · make lint · make format   (see README.md)
PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
# Every file is pinned by its hash, and with all that it needs: nothing else is taken, and nothing beside.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
# A dot every five seconds while a command has nothing to say.
showing_life = while sleep 5 && kill -0 $$$$; do printf '.'; done & dots=$$!; $(1); ended=$$?; kill $$dots; echo; exit $$ended
INPUT ?=
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

$(VENV)/run.stamp: requirements.txt
	@echo "Installing what the hub needs (a minute or two on the first start) …"
	@$(call showing_life,{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && $(INSTALL) -r requirements.txt)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need …"
	@$(call showing_life,$(INSTALL) -r requirements-dev.txt)
	@touch $@

messages: $(VENV)/run.stamp
	@$(BIN)/python -m config.messages compile

run: $(VENV)/run.stamp messages ## Install, migrate, load demonstration content and start everything
	@HUB_LOG_LEVEL=WARNING HUB_EMAIL_URL=dummy:// $(BIN)/python manage.py setup --before-start
	@PATH="$(BIN):$$PATH" exec $(BIN)/python -m config.run --env /dev/null start

demo: $(VENV)/run.stamp messages ## Walk one file from import to the readers: make demo INPUT=path/to/file.docx
	@$(BIN)/python manage.py demo $(if $(INPUT),--input "$(INPUT)") $(DEMO_ARGS)

test: ## Install what the tests need and run all of them
	@.ci/parts "what the tests need=$(MAKE) --no-print-directory ready" "the tests=$(MAKE) --no-print-directory tests"

tests:
	@$(BIN)/python -m pytest -n auto --dist worksteal --durations=30 $(PYTEST_ARGS)

ready: $(VENV)/dev.stamp messages chromium

conformance: $(VENV)/dev.stamp messages ## Print the table plugin × promise; fails where one is broken or was not tested
	@$(BIN)/python -m pytest -n auto -q -rfE --conformance tests/conformance tests/publishers/platforms/*/test_conformance.py $(PYTEST_ARGS)

test-browser: $(VENV)/dev.stamp messages chromium ## Run the browser tests only
	@$(BIN)/python -m pytest -m browser -n 0 $(PYTEST_ARGS)

chromium:
	@.ci/chromium

test-services: $(VENV)/dev.stamp messages ## Run the tests on PostgreSQL with Redis, and with RabbitMQ
	@$(BIN)/python -m tests.services $(PYTEST_ARGS)

chaos: $(VENV)/dev.stamp messages ## Kill workers, cut lines, let platforms fail: CHAOS_ARGS="--seed 7 --deliveries 40"
	@$(BIN)/python -m tests.chaos.storm $(CHAOS_ARGS)

bench: $(VENV)/dev.stamp messages ## Measure against bare references, as ratios of one run
	@for file in bench/*.py; do echo "$$file"; $(BIN)/python $$file || exit 1; done

lint: $(VENV)/dev.stamp messages ## Check style, imports, types, scripts, templates, migrations and translations
	@$(MAKE) --no-print-directory --jobs 2 --output-sync --keep-going $(LINTS)

LINTS := lint-types lint-imports lint-migrations lint-messages lint-templates lint-scripts lint-style
lint-types:
	@$(BIN)/mypy
lint-imports:
	@$(BIN)/lint-imports
lint-migrations:
	@$(BIN)/python manage.py makemigrations --check --dry-run
lint-messages:
	@$(BIN)/python -m config.messages check
lint-scripts:
	@.ci/biome check --error-on-warnings
lint-templates:
	@$(BIN)/djlint --quiet --lint templates
lint-style:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp ## Put code into its form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .
	@.ci/biome check --write

lock: $(VENV)/dev.stamp ## Pin requirements*.txt, with the hash of every file, from pyproject.toml
	@$(BIN)/pip-compile $(PIN) --unsafe-package pillow-heif -o requirements.txt pyproject.toml
	@$(BIN)/pip-compile $(PIN) --allow-unsafe --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	@sed -n 's/^\(pillow-heif==[^ ]*\).*/\1/p' requirements-dev.txt | $(BIN)/pip-compile $(PIN) --unsafe-package pillow -o requirements-heic.txt -
	@sed -i -e '/^#/d' -e '/^$$/d' requirements*.txt
PIN := --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help messages run demo test tests ready conformance test-browser test-services chromium chaos bench lint $(LINTS) format lock
