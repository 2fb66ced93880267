# The checked scale and the paths that all rules share.
import json
import re
import shlex
from collections import defaultdict
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

from bench.files.atomic import write_text
from bench.config.consistency import check_measured
from bench.config.load import from_settings, resolve_methods
from bench.config.runs import read_snapshot
from bench.config.sampling import to_flags
from bench.config.training import snapshot_name
from bench.data.shards import MANIFEST, shard_name
from bench.data.registry import files
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.results import Results
from bench.stages.estimate import to_text
from bench.stages.plan import effective_config
from bench.stages.time_limits import segment_limit, time_limits
from bench.zoo.table import artefacts, resolve

try:
    SETTINGS = resolve_methods(config)
    SCALE = from_settings(SETTINGS)
    check_measured(SCALE)
except BadInput as error:
    files_read = list(map(str, workflow.overwrite_configfiles))
    # --configfile takes every word that follows it.
    remark = (
        f" (read from {' and '.join(files_read)}; a target goes before --configfile, or after"
        " --configfile=FILE)"
        if len(files_read) > 1
        else ""
    )
    raise WorkflowError(f"configuration: {error}{remark}") from None

# Printed before anything is spent, in dry runs too; jobs read this file as well and stay silent.
if SCALE.hardware and SCALE.latents and workflow.is_main_process:
    print(to_text(SCALE), file=sys.stderr)

RESULTS = f"results/{SCALE.name}"
LAYOUT = Results(Path(RESULTS))
DRAWN = f"figures/{SCALE.name}"
LOGS = f"logs/{SCALE.name}"
# The effective configuration, with --config overrides and methods in full; every job reads it.
CONFIG = effective_config(SCALE.name)
BENCH = shlex.join([sys.executable, "-m", "bench"])


def files_of_network(folder):
    """The files of a network in a folder of diffusers; `ancient`, for their hashes are checked."""
    return [
        ancient(f"{folder}/{name}")
        for name in ("config.json", "diffusion_pytorch_model.safetensors")
    ]


# `ancient` where contents are checked against hashes: the time of writing says nothing.
if SCALE.latents:
    LATENTS = SCALE.latents.folder
    TRAINING_DATA = f"{LATENTS}/train/{MANIFEST}"
    HELD_OUT_DATA = f"{LATENTS}/reference/{MANIFEST}"
else:
    TRAINING_DATA = [ancient(str(path)) for path in files(SCALE.dataset)]
    HELD_OUT_DATA = TRAINING_DATA
AUTOENCODER_FILES, AUTOENCODER_OPTION = [], ""
if SCALE.autoencoder:
    AUTOENCODER = str(resolve(SCALE.autoencoder))
    AUTOENCODER_FILES = files_of_network(AUTOENCODER)
    AUTOENCODER_OPTION = f"--autoencoder {shlex.quote(AUTOENCODER)}"
# The networks whose features measure samples of classes; a search needs the first alone.
EXTRACTOR = f"{RESULTS}/extractor.safetensors"
EXTRACTORS = [EXTRACTOR]
if SCALE.inception:
    EXTRACTOR = ancient(str(resolve(SCALE.inception.weights)))
    LPIPS_BACKBONE = ancient(str(resolve(SCALE.inception.lpips)))
    EXTRACTORS = [EXTRACTOR]
    if SCALE.inception.dinov2:
        EXTRACTORS.append(ancient(str(resolve(SCALE.inception.dinov2))))
# The synthetic preference score of drawn images for their prompts, and its accuracies.
PREFERENCE, ACCURACIES = [], []
if SCALE.text and not SCALE.geneval:
    PREFERENCE = str(LAYOUT.preference)
    ACCURACIES = str(LAYOUT.preference_accuracies)
# A scale with `hardware` runs on a cluster, where some jobs need a GPU.
GPU = 1 if SCALE.hardware else 0
# Minutes that Slurm gives a job, by rule; without an estimate 0, which leaves them to the cluster.
LIMITS = defaultdict(int, time_limits(SCALE))
# What uses a method runs again when the file of a plugin changes.
PLUGIN_HASHES = [sha256_of(path) for path in SCALE.plugins]
FEATURE_THREADS = SCALE.hardware.feature_threads if SCALE.hardware else 1


wildcard_constraints:
    run="|".join({re.escape(run) for run, _ in SCALE.cells} | set(SCALE.runs)),
    method="|".join({re.escape(method) for _, method in SCALE.cells}),
    seed=r"\d+",
    first=r"\d+",
    end=r"\d+",


def write_config():
    text = yaml.safe_dump(SETTINGS, sort_keys=False)
    if not os.path.exists(CONFIG) or open(CONFIG, encoding="utf-8").read() != text:
        write_text(CONFIG, text)


def settings(*keys):
    """The part of the configuration under these keys, as text: a rule that names it in its
    params runs again when it changes."""
    part = SETTINGS
    for key in keys:
        part = part.get(key, {})
    return json.dumps(part, sort_keys=True)


def weights(training, step):
    """The weights of a training after a step."""
    return f"{RESULTS}/checkpoints/{training}/{snapshot_name(step)}"


def checkpoint(run, replicate=0):
    """The weights of a run or of its snapshot, such as routed@600."""
    return weights(*SCALE.checkpoint(run, replicate))


def replicate(wildcards):
    """The replicate that a job samples from; methods are tuned on the first."""
    seed = wildcards.get("seed")
    return SCALE.replicate(int(seed)) if seed else 0


def weak_checkpoint(wildcards):
    """The earlier checkpoint, as an input where the method evaluates one."""
    weak = SCALE.weak_checkpoint(wildcards.run, wildcards.method, replicate(wildcards))
    return weights(*weak) if weak else []


def text_states(part):
    """The captions of a part, as the text encoder gives them; none where images have classes."""
    if not SCALE.text:
        return []
    if SCALE.latents and part in SCALE.latents.text_shards:
        return f"{LAYOUT.text_shards(part)}/{MANIFEST}"
    return str(LAYOUT.text_states(part))


def text_option(wildcards, input):
    return f"--text-states {input.text}" if input.text else ""


def prompts_option(wildcards, input):
    return f"--prompts {input.prompts}" if input.prompts else ""


def weak_option(wildcards, input):
    return f"--weak-checkpoint {input.weak}" if input.weak else ""
