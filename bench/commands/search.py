"""search: evaluate candidates for a method's hyperparameters."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import (
    add_autoencoder,
    add_checkpoints,
    add_config,
    add_device,
    add_extractor,
    add_out,
    choose_device,
    index_range,
)
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_config(parser)
    parser.add_argument("--method", required=True, help="name under `methods:`")
    add_checkpoints(parser)
    add_autoencoder(parser)
    parser.add_argument(
        "--candidates",
        type=index_range,
        metavar="A:B",
        help="A to B - 1 of the grid (default: all)",
    )
    add_extractor(parser)
    parser.add_argument("--reference", required=True, type=Path, help="features of real images")
    add_out(parser, "a row per candidate (.csv)")
    add_device(parser)


def run(options):
    from bench.evaluation.extractor import load_extractor
    from bench.evaluation.reference import read_reference
    from bench.sampling.models import load_models
    from bench.stages.search import search

    scale = load(options.config)
    candidates = scale.method(options.method).candidates
    chosen = options.candidates or range(len(candidates))
    if chosen[-1] >= len(candidates):
        raise BadInput(f"--candidates: {options.method!r} has only {len(candidates)}")
    device = choose_device(options.device)
    search(
        [candidates[index] for index in chosen],
        load_models(options.checkpoint, options.weak_checkpoint, options.autoencoder, device),
        scale.sampling,
        scale.tuning,
        load_extractor(options.extractor, device),
        read_reference(options.reference)[0],
        options.out,
    )
