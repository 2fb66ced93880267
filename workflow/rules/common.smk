# What the rules share: the checked scale, and where things lie.
import json

import yaml
from snakemake.exceptions import WorkflowError

from bench.atomic import write_text
from bench.config.load import from_settings
from bench.config.training import snapshot_name
from bench.errors import BadInput
from bench.guidance import build, uses_weak_checkpoint

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


wildcard_constraints:
    run="|".join(SCALE.runs),
    method="|".join(SCALE.methods),
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


def checkpoint(run, step=None):
    """The weights of a run after a step, or at its end."""
    step = step or SCALE.runs[run].training.steps
    return f"{RESULTS}/checkpoints/{run}/{snapshot_name(step)}"


def weak_checkpoint(wildcards):
    """The earlier checkpoint, as an input where the method evaluates one."""
    candidates = SCALE.methods[wildcards.method].candidates
    steps = SCALE.sampling.steps
    if not any(uses_weak_checkpoint(build(spec), steps) for spec in candidates):
        return []
    return checkpoint(wildcards.run, SCALE.runs[wildcards.run].weak_step)


def weak_option(wildcards, input):
    return f"--weak-checkpoint {input.weak}" if input.weak else ""
