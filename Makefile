# make reproduce [SCALE=digits] [CORES=2]   trains, samples, measures, draws
# make test                                 unit tests and a small run of the whole DAG
SCALE ?= digits
CORES ?= 2
PYTHON ?= python3
BIN := .venv/bin
RESULTS := results/$(SCALE)
SNAKEMAKE = $(BIN)/snakemake --configfile workflow/config/$(SCALE).yaml

.PHONY: reproduce test lint lock

reproduce: .venv/installed
	$(SNAKEMAKE) --cores $(CORES)
	@$(MAKE) --no-print-directory $(RESULTS)/report.html

# Anew when a table, a figure or a search is newer.
$(RESULTS)/report.html: $(wildcard $(RESULTS)/*.csv $(RESULTS)/*/*.csv $(RESULTS)/*/*/*.csv figures/$(SCALE)/*)
	$(SNAKEMAKE) --report $@

test: .venv/installed
	$(BIN)/python -m pytest tests

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow

# The environment is as the lock says, hashes checked; a new lock makes a new environment.
.venv/installed: envs/core.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --require-hashes --requirement envs/core.txt
	touch $@

# Needs uv; writes no index address.
lock:
	uv pip compile envs/core.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --quiet --output-file envs/core.txt
