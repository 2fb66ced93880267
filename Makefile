# make reproduce [SCALE=digits] [CORES=2]   trains, samples, measures, draws
# make gpu SCALE=fashion                    what is worth a GPU, in calls of under 10 minutes
# make test                                 unit tests and a small run of the whole DAG
SCALE ?= digits
CORES ?= 2
PYTHON ?= python3
BIN := .venv/bin
RESULTS := results/$(SCALE)
SNAKEMAKE = $(BIN)/snakemake --configfile workflow/config/$(SCALE).yaml

# Without Snakemake or an environment: any Python >= 3.11 that has torch and pandas.
GPU_PYTHON ?= python3
GPU_CALL = timeout 590 $(GPU_PYTHON) -m bench batch $(RESULTS)/plan.txt --seconds 480

.PHONY: reproduce gpu test lint lock

reproduce: .venv/installed
	$(SNAKEMAKE) --cores $(CORES)
	@$(MAKE) --no-print-directory $(RESULTS)/report.html

# Anew when a table, a figure or a search is newer.
$(RESULTS)/report.html: $(wildcard $(RESULTS)/*.csv $(RESULTS)/*/*.csv $(RESULTS)/*/*/*.csv figures/$(SCALE)/*)
	$(SNAKEMAKE) --report $@

# The same call until all is done: it goes on where the last one stopped (75) or was cut off (124).
gpu: $(RESULTS)/plan.txt
	@echo '$(GPU_CALL)'
	@until $(GPU_CALL); do code=$$?; [ $$code = 75 ] || [ $$code = 124 ] || exit $$code; done

# The verbs that Snakemake would call, in its order. Made where Snakemake is, carried where it is not.
$(RESULTS)/plan.txt: | .venv/installed
	mkdir -p $(@D)
	$(BIN)/snakemake gpu --configfile workflow/config/$(SCALE).yaml \
		--dry-run --forceall --printshellcmds > $@.unfinished
	sed -i -n 's#^Shell command: .* -m bench \(.*\) > logs/.*#\1#p' $@.unfinished
	sed -i 's#$(RESULTS)/config.yaml#workflow/config/$(SCALE).yaml#' $@.unfinished
	mv $@.unfinished $@

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
