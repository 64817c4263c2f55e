# scenegen on a fresh machine: `make demo` or `make test`, nothing else by hand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.scenegen-setup
KERNELS := CMakeLists.txt $(wildcard scenegen/kernels/src/*)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick lint format bench sanitize neon clean

help:  ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP)  ## make .venv with everything that the demo and the tests need

$(STAMP): pyproject.toml constraints.txt $(KERNELS)
	@command -v $(PYTHON) >/dev/null || { echo "make setup: no '$(PYTHON)' found; install Python 3.11 or newer, or name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make setup: expected Python 3.11 or newer, found $$($(PYTHON) -V); name a newer one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make setup: this Python cannot make virtual environments; install them (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@command -v "$${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || { echo "make setup: no C++ compiler found, the kernels need one; install g++ or clang (Debian, Ubuntu: apt install g++; macOS: xcode-select --install)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# The build backend first, then no isolation: pinned too, and CMake rebuilds only what changed.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		scikit-build-core nanobind cmake ninja
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--no-build-isolation --editable '.[dev]'
	@touch $(STAMP)

demo: setup  ## scenes/courtyard -> out/courtyard.mp4
	@mkdir -p out
	$(BIN)/scenegen walkthrough scenes/courtyard --output out/courtyard.mp4 --overwrite \
		--report out/courtyard.json

test: lint  ## linting, typing and the whole suite
	@tools/find_chromium.sh
	$(BIN)/python -m pytest

test-quick: setup  ## the tests that take under a minute together
	$(BIN)/python -m pytest -m 'not slow'

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright

format: setup  ## put the code into its usual form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup  ## measure training and rendering of the example; of your own: make bench SCENES=...
	$(BIN)/python tools/bench.py $(or $(SCENES),scenes/courtyard)

sanitize: setup  ## the kernels under ASan, UBSan and TSan, without Python; about two minutes
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/drive_kernels.py sanitize

neon: setup  ## the NEON kernels on an emulated processor against the baseline; about a minute
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/drive_kernels.py neon

clean:  ## remove what was built and made, but not .venv
	rm -rf build dist out .pytest_cache .ruff_cache .hypothesis
