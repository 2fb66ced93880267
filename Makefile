# make reproduce [SCALE=digits] [CORES=2]   trains, samples, measures, draws
# make reproduce SCALE=imagenet256 PROFILE=slurm   the same by Slurm's jobs; README, "On Slurm"
# make gpu SCALE=fashion                    what is worth a GPU, in calls of under 10 minutes
# make test                                 unit tests and a small run of the whole DAG
# make test-cluster                         jobs of a real Slurm, here: Debian's packages, as root
# make ... BIN=/path/to/bin                 the same with the programs of another environment
SCALE ?= digits
CORES ?= 2
PROFILE ?= default
PYTHON ?= python3
BIN := .venv/bin
RESULTS := results/$(SCALE)
CONFIG := workflow/config/$(SCALE).yaml
SNAKEMAKE = $(BIN)/snakemake --configfile $(CONFIG)
# On a cluster --cores would be those of all jobs together; its profile limits their number instead.
CORES_HERE := $(if $(filter default,$(PROFILE)),--cores $(CORES))

# Without Snakemake or an environment: any Python >= 3.11 that has what README names.
GPU_PYTHON ?= python3
GPU_CALL = timeout 590 $(GPU_PYTHON) -m bench batch $(RESULTS)/plan.txt --seconds 480

.PHONY: reproduce gpu test test-cluster lint environment lock

reproduce: environment
	$(SNAKEMAKE) --workflow-profile workflow/profiles/$(PROFILE) $(CORES_HERE)
	@$(MAKE) --no-print-directory $(RESULTS)/report.html

# Anew when a table, a figure or a search is newer.
$(RESULTS)/report.html: $(wildcard $(RESULTS)/*.csv $(RESULTS)/*/*.csv $(RESULTS)/*/*/*.csv figures/$(SCALE)/*)
	$(SNAKEMAKE) --report $@

# The same call until all is done: it goes on where the last one stopped (75) or was cut off (124).
gpu: $(RESULTS)/plan.txt
	@echo '$(GPU_CALL)'
	@until $(GPU_CALL); do code=$$?; [ $$code = 75 ] || [ $$code = 124 ] || exit $$code; done

# Made wherever Snakemake is, each time: it follows from the configuration, the catalogue, plugins and
# rules. Where Snakemake is not, a plan that was carried there needs no environment, and `batch`
# refuses it if it is of another configuration.
ifneq ($(wildcard $(BIN)/snakemake)$(if $(wildcard $(RESULTS)/plan.txt),,none),)
$(RESULTS)/plan.txt: environment
	$(BIN)/python -m bench plan --config $(CONFIG) --out $@
endif

test: environment
	$(BIN)/python -m pytest tests --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

test-cluster: environment
	$(BIN)/python -m pytest tests/cluster -rs

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow

# .venv is as the lock says, hashes checked. Its file `installed` marks it as made here, and is a
# copy of the lock once all is installed. Only such an environment is ever remade: another one may
# be shared or hold what its owner needs.
environment:
ifeq ($(origin BIN),file)
	$(if $(shell cmp -s envs/core.txt .venv/installed || echo outdated),$(make-environment))
endif

define make-environment
$(if $(shell [ -L .venv ] || { [ -e .venv ] && [ ! -e .venv/installed ]; } && echo foreign),$(refuse))
@mkdir -p .venv
@: > .venv/installed
@find .venv -mindepth 1 ! -path .venv/installed -delete
$(PYTHON) -m venv .venv
$(BIN)/pip install --quiet --require-hashes --requirement envs/core.txt
@cp envs/core.txt .venv/installed
endef

refuse = $(error .venv is a link or was not made by make, and not as envs/core.txt says. Remove it \
	and make builds its own, or use it as it is: make $(MAKECMDGOALS) BIN=.venv/bin)

# Needs uv; writes no index address. The core comes first: t2i has its versions.
lock:
	for name in core t2i hpsv3; do \
		uv pip compile envs/$$name.in --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --quiet --output-file envs/$$name.txt || exit; \
	done
