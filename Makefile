# Two commands for a reader: `make demo` and `make test`. Both build .venv from the lock, once.
PYTHON ?= python3.11
PYTHON := $(or $(shell command -v "$(PYTHON)"),python3)
BIN := .venv/bin
# What `pip install --editable .` would do, but for a folder of any name: pip and setuptools stumble over quotes and braces.
define INSTALL
import pathlib, site, tomllib
place = pathlib.Path(site.getsitepackages()[0])
project = tomllib.loads(pathlib.Path('pyproject.toml').read_text(encoding='utf-8'))['project']
told = place / 'greenpoints_settlement-{version}.dist-info'.format(**project)
told.mkdir(exist_ok=True)
(told / 'METADATA').write_text('Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n'.format(**project))
(place / 'settlement.pth').write_text('../../../..\n')
endef
export INSTALL
RUN := exec "$$(dirname "$$(readlink -f "$$0")")/python" -P -m flows.commands.main "$$@"

.PHONY: demo test check format dictionary answers lock clean

demo: .venv/.built
	$(BIN)/settle demo

test: .venv/.built
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: .venv/.built
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format: .venv/.built
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The pages for finance that are made from the demo's warehouse.
dictionary: demo
	$(BIN)/python -m marts.dictionary warehouse.duckdb docs/dictionary.md

answers: demo
	$(BIN)/python -m tests.finance_answers warehouse.duckdb docs/finance.md

.venv/.built: requirements.lock pyproject.toml
	"$(PYTHON)" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -c "$$INSTALL"
	printf '%s\n' '#!/bin/sh' '$(RUN)' > $(BIN)/settle && chmod +x $(BIN)/settle
	touch $@

# For whoever changes a dependency; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev --quiet --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv
