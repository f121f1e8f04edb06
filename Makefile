# Everything stays in .venv/ and instance/. Plain commands; each also works by itself.
PORT ?= 8000
HOST ?= 0.0.0.0
IN := .venv/bin

.PHONY: run setup test faults lint bench pictures

run: .venv/.runtime
	@$(IN)/python -m survey serve --demo --host $(HOST) --port $(PORT)

setup: .venv/.runtime

test: .venv/.dev
	$(IN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(ARGS)

faults: .venv/.dev
	$(IN)/python -m pytest tests/faults --long -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lint: .venv/.dev
	$(IN)/ruff check .
	$(IN)/ruff format --check .
	$(IN)/mypy

bench: .venv/.dev
	$(IN)/python -m bench.whole $(ARGS)

pictures: .venv/.dev
	$(IN)/python docs/pictures.py

.venv/bin/python:
	@for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Setting up .venv with $$("$$python" --version)"; \
	    "$$python" -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "Python's venv module does not work here. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; \
	  fi; \
	done; \
	echo "Prikk needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/where/python3 is" >&2; exit 2

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing what Prikk needs (once; a few minutes on a slow line)"
	@$(IN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing what the tests need"
	@$(IN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
