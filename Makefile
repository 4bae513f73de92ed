# What one does with this project; `make` alone lists it.
# Settings come from the environment and from .env (see .env.example).

.DEFAULT_GOAL := help
.NOTPARALLEL:
VENV ?= .venv
BIN := $(VENV)/bin
py := $(BIN)/python
manage := $(py) manage.py

# An installed lock leaves a stamp named for its content, so that a second start has nothing to do.
sum = $(firstword $(shell cksum < requirements/$(1).txt))
RUN := $(VENV)/.run-$(call sum,run)
DEV := $(VENV)/.dev-$(call sum,dev)
PEERS := $(VENV)/.bench-$(call sum,bench)
# Tests are steered neither by the developer's .env nor by what the shell exports.
pytest := env SUPPORT_SITE_DOTENV=0 $(py) -m pytest
pytest_sqlite := env -u DATABASE_URL -u QUEUE_URL SUPPORT_SITE_DOTENV=0 $(py) -m pytest
# For what is looked at in a certain order.
in_order := -p no:randomly
# Each page is opened on PostgreSQL, which refuses what SQLite takes.
crawls := tests/support_site/test_address_bar.py tests/support_site/test_hostile_text.py
# One more process than two processors have: those of integration/ mostly wait.
three := -n 3 --dist loadgroup
no_browser := -p no:playwright
code := webhooks knowledge reports support_site

.PHONY: help setup dev run demo drill web workers test contract services e2e bench simulate_scale chaos fmt messages lint scan audit lock prepare

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9_]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: prepare ## virtual environment, locked packages, keys in .env, database
	@echo "Bringing the database up to date."
	@$(manage) migrate --verbosity 0
	@$(manage) seed
	@echo
	@echo "Set up. What next:"
	@echo "  make demo   look around first: a simulated Chatwoot whose customers write, on a database of its own"
	@echo "  make run    start your own site; its first page lists what to set up"

dev: $(DEV) ## the packages for tests and checks (test, lint and the others fetch them by themselves)

run: prepare ## everything on this machine: web and workers on SQLite (PORT=8000)
	@exec $(manage) run_site

demo drill: export DATABASE_URL ?= sqlite:///$(CURDIR)/data/demo.sqlite3
demo drill: export PRIVATE_HOSTS ?= 127.0.0.1
demo: prepare ## the same with a simulated Chatwoot and its traffic, on a database of its own
	@exec $(manage) run_site --demo

DRILL ?= chatwoot-outage
drill: prepare ## a failure played on the running demo: DRILL=chatwoot-outage, database-outage or bad-deploy
	@exec $(manage) drill $(DRILL)

web: $(RUN) ## the web process alone, in the foreground (BIND, PORT, WEB_WORKERS)
	@exec $(py) -m gunicorn -c python:support_site.web.server support_site.wsgi:application

workers: $(RUN) ## the workers alone, in the foreground (Q_WORKERS)
	@exec $(manage) run_workers

test: $(DEV) ## unit tests on SQLite; no service is needed (HYPOTHESIS_PROFILE=long: every row of the large tables)
	@$(pytest_sqlite) -n 2 --dist loadgroup --rows 2 $(no_browser) --ignore=tests/e2e --ignore=tests/bench --ignore=tests/integration

integration: $(DEV) ## real processes on SQLite: workers killed, web processes replaced, backups restored, drills
	@$(pytest_sqlite) $(no_browser) $(filter-out %/test_support_webhook.py,$(wildcard tests/integration/test_*.py))

contract: $(DEV) ## the story of one webhook: fails, is retried by the policy, resolves, dies, is replayed
	@$(pytest_sqlite) tests/integration/test_support_webhook.py

services: $(DEV) ## tests on the PostgreSQL and Redis that DATABASE_URL and QUEUE_URL name
	@$(pytest) $(three) --rows 2 $(no_browser) $(wildcard tests/integration tests/webhooks tests/knowledge tests/reports $(crawls))

e2e: $(DEV) ## browser tests (a Chromium is needed)
	@$(pytest_sqlite) $(in_order) -n 3 $(file_by_file) $(once_more) $(looked_at_first) $(filter-out $(looked_at_first),$(wildcard tests/e2e/test_*.py))

bench: $(PEERS) ## measurements on SQLite and on the services that answer (BENCH_FULL=1: the long form); not part of the gate
	@$(pytest) $(in_order) -s $(wildcard tests/bench/test_bench_*.py)

simulate_scale: $(DEV) ## what so many webhooks a day take, from what the bench measured (make simulate_scale WITH="webhooks=3000000")
	@$(py) -m tests.bench.scale $(WITH)

chaos: $(DEV) ## everything killed and cut off, under traffic: some minutes (CHAOS_FULL=1: an hour, ten minutes of it a bad night)
	@$(pytest_sqlite) $(in_order) $(if $(filter 1,$(CHAOS_FULL)),-s,-n 4 $(file_by_file) -rP) $(wildcard tests/bench/test_chaos*.py)

fmt: $(DEV) ## put the code into its usual form
	@$(py) -m ruff check --fix-only --quiet .
	@$(py) -m ruff format .

messages: $(DEV) ## translations brought up to date with the code, and compiled (GNU gettext is needed)
	@for app in $(code); do \
		(cd $$app && mkdir -p locale && $(abspath $(BIN))/django-admin makemessages --verbosity 0 $(languages)) || exit 1; \
	done
	@sed -i '/^"POT-Creation-Date/d' */locale/*/LC_MESSAGES/django.po
	@for app in $(code); do (cd $$app && $(abspath $(BIN))/django-admin compilemessages --verbosity 0) || exit 1; done

languages := -l de -l es -l pt_BR --no-wrap --no-location --no-obsolete

lint: $(DEV) ## style, form, types, templates, layers of imports, stray Markdown, words that must not come back
	@$(py) -m ruff check .
	@$(py) -m ruff format --check .
	@SUPPORT_SITE_DOTENV=0 $(py) -m mypy $(code)
	@$(if $(wildcard */templates),$(py) -m djlint --lint --quiet $(wildcard */templates))
	@$(BIN)/lint-imports
	@SUPPORT_SITE_DOTENV=0 $(manage) stray_markdown
	@$(py) -m support_site.documents.words

scan: $(DEV) ## secrets in the files, insecure calls in the code, known faults of the packages
	@git ls-files -z --cached --others --exclude-standard | xargs -0 -n 200 -P 2 $(BIN)/detect-secrets-hook --baseline .secrets.baseline
	@$(py) -m ruff check --select S --ignore S603 $(code)
	@echo "No secrets and no insecure calls found."
	@$(py) -m support_site.operations.audit requirements/run.txt

audit: $(RUN) ## known faults of the locked packages (asks osv.dev; says so where it does not answer)
	@$(py) -m support_site.operations.audit requirements/run.txt

lock: ## resolve the requirements anew (needs uv)
	uv pip compile $(lock_options) pyproject.toml -o requirements/run.txt
	uv pip compile $(lock_options) --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	uv pip compile $(lock_options) --extra bench -c requirements/dev.txt pyproject.toml -o requirements/bench.txt

lock_options := --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --quiet --upgrade

prepare: $(RUN)
	@$(py) -m support_site.operations.bootstrap dotenv .env
	@$(py) -m support_site.operations.bootstrap folder data

$(RUN):
	@$(call bootstrap,install $(VENV) requirements/run.txt $@)

$(DEV): $(RUN)
	@$(call bootstrap,install $(VENV) requirements/dev.txt $@)

$(PEERS): $(DEV)
	@$(call bootstrap,install $(VENV) requirements/bench.txt $@)

# Runs support_site/operations/bootstrap.py with the first Python that is new enough: PYTHON, where given, and no other.
define bootstrap
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
		exec "$$python" -m support_site.operations.bootstrap $(1); \
	fi; \
done; \
echo "Python 3.11 or newer is missing (looked for: $(or $(PYTHON),python3.13 python3.12 python3.11 python3))." >&2; \
echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3 ..." >&2; \
exit 1
endef

# Each process of pytest has a site of its own and takes a file at a time, in this order: what the demo shows in its first
# minute is looked at then, and what takes longest does not come last.
looked_at_first := $(patsubst %,tests/e2e/test_%.py,thread accessibility languages)
file_by_file := --dist loadfile --no-loadscope-reorder
# A browser that waited in vain on a busy machine waits once more; what a page says wrongly stays wrong.
once_more := --reruns 1 --only-rerun TimeoutError --only-rerun "Locator expected"
