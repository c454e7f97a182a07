# What a person types. `make` alone lists it.
BIN := .venv/bin
STAMPS := .venv/stamps
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
# By file, as they are found: the long ones stand first, and two that take long do not end up behind each other.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
# Only for who learns anew what talk in grades is like; nothing that runs or is tested needs it.
LEARNER := scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
DEMO := REFLECT_DATA=demo-data
ifeq ($(shell uname -s),Darwin)
  # Homebrew's Pango lies where macOS does not look by itself.
  FIND := DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset serve test test-fast tidy bench pictures looks letters likeness sentences lock clean tools

help: ## List what you can type
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv with everything Reflect runs on
	@.ci/system-libraries
	@.ci/venv
	@$(MAKE) --silent --no-print-directory $(STAMPS)/reflect

demo: setup ## Run a school with invented people, kept in demo-data
	@$(FIND) $(DEMO) $(BIN)/reflect demo

demo-reset: setup ## Throw demo-data away and begin the demo anew
	@rm -rf demo-data
	@$(FIND) $(DEMO) $(BIN)/reflect demo

serve: setup ## Run your own school, kept in data (or where REFLECT_DATA says)
	@$(FIND) $(BIN)/reflect serve

test: tools ## Check everything: style, types, floors, and all tests
	@.ci/browser >/dev/null
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(FIND) REFLECT_CHROMIUM="$$(.ci/browser)" $(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-fast: tools ## Run the tests that need no browser
	@$(FIND) $(BIN)/python -m pytest $(SIDE_BY_SIDE) --ignore=tests/browser

tidy: tools ## Lay out the code, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: tools ## Measure how fast it is (figures, no verdict)
	@$(FIND) $(BIN)/python -m pytest tests/bench -o python_files='bench_*.py' -W ignore -q -s

pictures: tools ## Make the pictures in docs anew, of screens and of paper
	@.ci/browser >/dev/null
	@$(FIND) PICTURES=docs/pictures REFLECT_CHROMIUM="$$(.ci/browser)" $(BIN)/python -m pytest tests/browser tests/press/test_looks.py -k picture -q

looks: tools ## Take the pictures of how paper looks anew; look at them before you commit
	@$(FIND) ACCEPT_LOOKS=1 $(BIN)/python -m pytest tests/press/test_looks.py -q

letters: tools ## Cut the letters for dyslexia anew, after OpenDyslexic or the letters that pages need have changed
	@$(BIN)/python -m tests.cut_letters

likeness: tools ## Learn anew which sentences are like talk in grades, after a sentence, a phrase or a list has changed
	@test -x .venv-likeness/bin/python || $(BIN)/python -m venv .venv-likeness
	@.venv-likeness/bin/python -m pip --quiet --disable-pip-version-check install $(LEARNER)
	@PYTHONPATH=.:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') .venv-likeness/bin/python -m tests.learn_likeness

sentences: tools ## Gather the sentences that people read, and compile the translations
	$(BIN)/pybabel -q extract -F reflect/translations/babel.cfg -k N_ -k lazy_gettext --no-location --omit-header --sort-output -o .venv/messages.pot .
	$(BIN)/pybabel -q update -i .venv/messages.pot -d reflect/translations -l nl --no-fuzzy-matching --ignore-obsolete --omit-header
	$(BIN)/pybabel -q compile -f -d reflect/translations

lock: tools ## Take the newest libraries that fit, and pin them with their hashes
	$(BIN)/uv pip compile $(LOCKED) -o requirements.lock requirements.in
	$(BIN)/uv pip compile $(LOCKED) -o requirements-dev.lock requirements-dev.in

clean: ## Remove what is made by building and testing; your data stays
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

tools: setup ## Make .venv with what the tests need as well
	@$(MAKE) --silent --no-print-directory $(STAMPS)/tools

LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
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
