# The only commands to remember: `make help`. Each sets up what it needs; nothing has to be done before.
SHELL := bash
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python

# Quiet and on the processor: Rasa brings TensorFlow, which would look for graphics cards and talk about it.
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONWARNINGS := ignore
export TF_CPP_MIN_LOG_LEVEL := 2
export RASA_TELEMETRY_ENABLED := false
export CUDA_VISIBLE_DEVICES := -1

.PHONY: help setup run serve receive reset train test test-browser check format validate stories check-talk talk \
	shell map nlu faults bench load profile webhooks links parked objections reminders remind lock _run _dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

_run:
	@tools/setup run
_dev:
	@tools/setup dev

# --- run it

run: _run ## the bot, the demo billing and the emulator of both messengers; Ctrl-C stops them all
	@$(PY) -m tools.train
	@exec $(PY) -m demo.run

serve: _run ## the bot alone, as in production; configured by the environment or .env (see .env.example)
	@$(PY) -m tools.train
	@exec $(PY) -m server

receive: _run ## webhooks in a process of their own, before one or more `make serve` (BOT_URL, DATABASE_URL)
	@exec $(PY) -m server.receiver

reset: ## forgets what the demo has stored (residents, readings, logs)
	@rm -rf .data/demo && echo "The demo starts afresh."

setup: _dev ## the environment for running, tests and checks (.venv)

train: _run ## trains the model if its data has changed
	@$(PY) -m tools.train

talk: _run ## for designers: as `run`; what is saved in domain/ and data/ is live in the open chat
	@$(PY) -m tools.check_talk --quick
	@$(PY) -m tools.train
	@exec $(PY) -m demo.run --live

shell: _run ## rasa shell in this terminal, for a look at its predictions (ARGS=--debug)
	@$(PY) -m tools.train
	@exec tools/shell $(ARGS)

# --- check it

test: _dev ## every test but those in a browser; ends with pytest's summary
	@$(PY) -m tools.train
	@$(PY) -m pytest -m "not browser and not faults" $(ARGS)

test-browser: _dev ## the dialogues clicked in headless Chromium
	@$(PY) -m tools.train
	@$(PY) -m pytest -m browser $(ARGS)

check: _dev ## code: lint, format, types, who may import whom, YAML
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy actions backend channels nlu server studio demo tools
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict data domain config.yml domain.yml credentials.yml endpoints.yml studio

format: _dev ## puts the code into its format
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

validate: _dev ## conversation data: Rasa's validation, warnings count
	$(PY) -m tools.rasa data validate --fail-on-warnings

stories: _dev ## conversation tests: every story of tests/stories must be predicted
	@$(PY) -m tools.train
	$(PY) -m tools.rasa test core --stories tests/stories --e2e --fail-on-prediction-errors --out results

check-talk: _dev ## for designers: everything that can be wrong in domain/ and data/, in Russian
	@$(PY) -m tools.check_talk $(ARGS)

map: _run ## for designers: pictures of the conversation in reports/map/
	@$(PY) -m tools.map

nlu: _dev ## how well the bot understands residents: a table
	@$(PY) -m benchmarks.nlu.report $(ARGS)

faults: _dev ## kills and cuts everything while residents talk; nothing may be lost (SECONDS=180 for a short one)
	@$(PY) -m tools.train
	@$(PY) -m benchmarks.faults $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

bench: _dev ## speed against stock Rasa in one run: a table, JSON, a picture (ARGS=--quick to try)
	@$(PY) -m tools.train
	@$(PY) -m benchmarks.speed $(ARGS)

load: _dev ## 2,000 residents in ten minutes; nothing lost or swapped, all bounded (SECONDS=60 for a short one)
	@$(PY) -m tools.train
	@$(PY) -m benchmarks.load $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

profile: _dev ## where the bot's time goes under load (py-spy)
	@$(PY) -m tools.train
	@$(PY) -m benchmarks.speed.profile $(ARGS)

# --- operate it

webhooks: _run ## tells VK and Viber the address of the running bot (PUBLIC_URL)
	@$(PY) -m channels.registration $(ARGS)

links: _run ## prints the links that open the bot's chats and saves them as QR codes
	@$(PY) -m channels.links $(ARGS)

parked: _run ## what was given up after many attempts: list it, try it again
	@$(PY) -m server.parked $(ARGS)

objections: _run ## who objects to another's link of their account: list, unlink, close
	@$(PY) -m server.objections $(ARGS)

reminders: _run ## who wants reminders and which were sent
	@$(PY) -m server.reminders count

remind: _run ## the demo (make run): reminds everybody who asked, as on the month's last day (AT=2026-11-29T12:00)
	@ENV_FILE=/dev/null DATA_DIR=.data/demo DATABASE_URL= BILLING_URL=http://127.0.0.1 BILLING_TOKEN=unused \
		$(PY) -m server.reminders now $(if $(AT),--at $(AT))

lock: _dev ## resolves requirements/*.in into the lock files
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.10 requirements/run.in --output-file requirements/run.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.10 requirements/dev.in --output-file requirements/dev.lock
