# What the rules share: the checked scale, and where things lie.
import json
import re

import yaml
from snakemake.exceptions import WorkflowError

from bench.atomic import write_text
from bench.config.label import read_label
from bench.config.load import from_settings
from bench.config.training import snapshot_name
from bench.data.latent_shards import MANIFEST, shard_name
from bench.data.registry import files
from bench.errors import BadInput

try:
    SCALE = from_settings(config)
except BadInput as error:
    raise WorkflowError(f"configuration: {error}") from None

RESULTS = f"results/{SCALE.name}"
DRAWN = f"figures/{SCALE.name}"
LOGS = f"logs/{SCALE.name}"
# The effective configuration, --config overrides included; every job reads it.
CONFIG = f"{RESULTS}/config.yaml"
BENCH = f"{sys.executable} -m bench"
if SCALE.latents:
    LATENTS = SCALE.latents.folder
    TRAINING_DATA = f"{LATENTS}/train/{MANIFEST}"
    HELD_OUT_DATA = f"{LATENTS}/reference/{MANIFEST}"
else:
    # Their contents are checked against hashes, so when they were written says nothing.
    DATASET_FILES = [ancient(str(path)) for path in files(SCALE.dataset)]
    TRAINING_DATA = HELD_OUT_DATA = DATASET_FILES
# Jobs that use a GPU where the scale is planned for such.
GPU = 1 if SCALE.hardware else 0


wildcard_constraints:
    run="|".join({re.escape(run) for run, _ in SCALE.cells} | set(SCALE.runs)),
    method="|".join({re.escape(method) for _, method in SCALE.cells}),
    seed=r"\d+",
    first=r"\d+",
    end=r"\d+",


def write_config():
    text = yaml.safe_dump(dict(config), sort_keys=False)
    if not os.path.exists(CONFIG) or open(CONFIG, encoding="utf-8").read() != text:
        write_text(CONFIG, text)


def settings(*keys):
    """The part of the configuration under these keys, as text: a rule that names it in its
    params runs again when it changes."""
    part = config
    for key in keys:
        part = part.get(key, {})
    return json.dumps(part, sort_keys=True)


def weights(training, step):
    """The weights of a training after a step."""
    return f"{RESULTS}/checkpoints/{training}/{snapshot_name(step)}"


def checkpoint(run):
    """The weights of a run's label."""
    return weights(*SCALE.checkpoint(run))


def weak_checkpoint(wildcards):
    """The earlier checkpoint, as an input where the method evaluates one."""
    weak = SCALE.weak_checkpoint(wildcards.run, wildcards.method)
    return weights(*weak) if weak else []


def weak_option(wildcards, input):
    return f"--weak-checkpoint {input.weak}" if input.weak else ""
