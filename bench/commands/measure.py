"""measure: sample a cell and compute its metrics, in one process."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import (
    add_cell_weights,
    add_device,
    add_extractor,
    add_out,
    cell_names,
    choose_device,
    guidance_spec,
)
from bench.config.load import load
from bench.errors import BadInput


def add_arguments(parser):
    add_cell_weights(parser)
    add_extractor(parser)
    parser.add_argument("--reference", required=True, type=Path, help="features of real images")
    parser.add_argument(
        "--results", required=True, type=Path, help="folder for the samples and their features"
    )
    add_out(parser, "a row per seed block (.csv)")
    add_device(parser)


def run(options):
    from bench.evaluation.extractor import load_extractor
    from bench.results import Results
    from bench.stages.evaluate import evaluate
    from bench.stages.measure import Weights, draw

    config, *cell = options.cell
    scale = load(config)
    if scale.latents:
        raise BadInput(f"--cell: {config} samples latents; use `sample`, `features`, `evaluate`")
    names, device = cell_names(config, *cell), choose_device(options.device)
    features = draw(
        scale,
        (names["run"], names["method"]),
        guidance_spec(options.guidance),
        Weights(options.checkpoints, options.weak_checkpoints),
        load_extractor(options.extractor, device),
        Results(options.results),
        device,
    )
    preview = scale.measurement.preview_samples
    rows = evaluate(features, options.reference, preview, names, options.out)
    for row in rows:
        print(f"seed {row['seed']}: FID {row['fid']:.4f}, {row['samples']} samples")
