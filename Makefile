# Everything stands on .venv, which `setup` makes by itself. PYTHON=python3.12 chooses another Python.
SHELL := bash
export PYTHON ?= python3
RUN := .venv/bin/python -m

.PHONY: help setup test lint format generated golden bench compiled accuracy test-bluez demo constraints
.DEFAULT_GOAL := help

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## .venv with all that is needed (the others call it)
	@.ci/setup

test: setup ## lint, types, import directions and all tests; ARGS="-k valgus" chooses among the tests
	@.ci/system-packages
	@.ci/axe-core
	@$(MAKE) --no-print-directory lint || lint=failed; $(RUN) pytest $(ARGS) || exit $$?; \
	  [ -z "$$lint" ] || { echo "sledguard: the tests passed, but lint did not: see above"; exit 1; }

lint: setup ## ruff, formatting, mypy --strict, import directions
	@status=0; \
	  $(RUN) ruff check . || status=1; \
	  $(RUN) ruff format --check . || status=1; \
	  $(RUN) mypy || status=1; \
	  .venv/bin/lint-imports --verbose >.venv/imports.log 2>&1 && tail -n 1 .venv/imports.log || { cat .venv/imports.log; status=1; }; \
	  exit $$status

format: setup ## puts the formatting right and mends what ruff can
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

generated: setup ## writes anew what has another source: config/edge.toml, the protocol's messages, the MQTT contract
	@$(RUN) edge.config_reference >config/edge.toml
	@$(RUN) firmware_protocol.generate
	@$(RUN) edge.publishers.contract

golden: setup ## what is told of the kept byte logs, anew: look at every difference before committing it
	@PYTHONPATH=tests:. $(RUN) golden

bench: setup ## pipeline cost, plain and compiled, beside bare vqf, and latency from serial byte to MQTT beside a bare publish
	@.ci/system-packages
	@PYTHONPATH=tests:. $(RUN) bench

# Left out: tests with stand-ins for classes that are compiled then, which take no others.
STAND_INS := $(addprefix --ignore=tests/edge/, detectors/test_nearness.py detectors/test_watch.py motion/test_creep.py \
  session/test_assessment.py session/test_placement_notices.py session/test_sensor_health.py \
  session/test_sign_assessment.py ingest/test_native_loss.py)

compiled: setup ## the inner modules compiled, and their tests run with them: needs a C compiler and some minutes
	@place=$$(.ci/compiled) && SLEDGUARD_COMPILED=$$place PYTHONPATH=$$place PYTHONSAFEPATH=1 .venv/bin/pytest \
	  $(STAND_INS) tests/house/test_compiled.py tests/golden tests/edge/motion tests/edge/detectors tests/edge/session \
	  tests/edge/ingest tests/edge/test_bundling.py $(ARGS)

accuracy: setup ## precision, recall, latency and errors over 366 simulated sessions, some 15 min; ARGS="--plain 10"
	@PYTHONPATH=tests:. $(RUN) accuracy $(ARGS)

test-bluez: setup ## the real kernel and bluetoothd in QEMU with six emulated nodes: minutes, root, 90 MB of packages
	@tests/rig_qemu/run .venv/bin/python

demo: setup ## a simulated lifter, nodes, broker and cues; ARGS="--seconds 40"
	@.venv/bin/sledguard demo $(ARGS)

constraints: ## pins anew the versions that pip resolves today
	@.ci/constraints
