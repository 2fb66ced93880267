"""status: tell what of a scale is done, running, failed and left, from its files alone."""

from __future__ import annotations

import json
import time
from pathlib import Path

from bench.config.load import load
from bench.errors import BadInput
from bench.parsing import suggest

SCALES = Path(__file__).parents[2] / "workflow" / "config"
SUFFIXES = (".yaml", ".yml")


def add_arguments(parser):
    parser.add_argument(
        "scale",
        metavar="SCALE",
        help="name of a scale, such as digits, whose last run's configuration is read where there "
        "is one; or a YAML file",
    )
    parser.add_argument("--json", action="store_true", help="an object, for programs")


def run(options):
    from bench.results import Results
    from bench.status.jobs import jobs
    from bench.status.page import as_json, to_text
    from bench.status.reader import Reader
    from bench.status.stages import sum_up

    config = _config(options.scale)
    scale = load(config)
    results = Results(Path("results") / scale.name)
    reader = Reader(scale, results, Path("logs") / scale.name, time.time())
    found = [reader.read(job) for job in jobs(scale, results, Path("figures") / scale.name)]
    has_hardware = scale.hardware is not None
    stages = sum_up(found, has_hardware)
    about = (scale.name, config, "GPU" if has_hardware else "CPU", stages, found)
    print(json.dumps(as_json(*about), indent=1) if options.json else to_text(*about))


def _config(scale):
    """The configuration of a scale by name or path: of a name, the one that its jobs read, or else
    this checkout's."""
    from bench.results import Results

    if scale.endswith(SUFFIXES) or "/" in scale:
        return Path(scale)
    named = SCALES / f"{scale}.yaml"
    found = [path for path in (Results(Path("results") / scale).config, named) if path.is_file()]
    if not found or scale == "methods":
        known = {path.stem for path in SCALES.glob("*.yaml")} - {"methods"}
        raise BadInput(f"SCALE: no scale {scale!r}{suggest(scale, known)}; or name a YAML file")
    return found[0]
