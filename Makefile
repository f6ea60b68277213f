# Tools without logic of their own. `make up` serves, `make test` proves; the rest is for those who build.
PYTHON ?= python3
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq install -c constraints.txt

# Clients that nobody here wrote are kept outside the repository and apart from what the product needs.
CLIENTS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/freehold/clients

.PHONY: up install browser test test-slow test-clients mutants check bench docs pictures

up: .venv/.own
	$(BIN)/freehold up$(if $(PORT), --port $(PORT))

install: .venv/.dev

browser:
	$(PYTHON) scripts/browser.py

test: install browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-slow: install
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -m slow

test-clients: $(CLIENTS)/.made
	FREEHOLD_NODE_CLIENTS=$(CLIENTS)/node $(CLIENTS)/venv/bin/python -m pytest -W default tests/clients

mutants: install
	$(BIN)/python -m scripts.mutants

check: install
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/mypy tests scripts

bench: install
	$(BIN)/python -m bench

docs: install
	$(BIN)/python -m scripts.reference

pictures: install browser
	FREEHOLD_PICTURES=yes $(BIN)/python -m pytest tests/console/test_pictures.py

# The stamps remember which pyproject.toml and constraints.txt were installed; a change of either installs again.
.venv/.own: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) -e ".[own]"
	touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) -e ".[own,decide,report,dev]"
	touch .venv/.own $@

$(CLIENTS)/.made: pyproject.toml constraints-clients.txt tests/clients/node/package.json
	$(PYTHON) -m venv $(CLIENTS)/venv
	$(CLIENTS)/venv/bin/python -m pip --disable-pip-version-check -qq install -c constraints-clients.txt -e ".[clients]"
	mkdir -p $(CLIENTS)/node && cp tests/clients/node/package.json $(CLIENTS)/node
	if command -v npm; then cd $(CLIENTS)/node && npm install --no-audit --no-fund --silent; fi
	touch $@

.venv/bin/python:
	$(PYTHON) -m venv .venv
