"""sample: draw samples under a guidance method."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bench.commands.options import (
    add_autoencoder,
    add_checkpoints,
    add_device,
    add_out,
    choose_device,
    guidance_spec,
    index_range,
    positive,
    seed,
)
from bench.config.sampling import SamplingConfig
from bench.parsing import parse


def add_arguments(parser):
    add_checkpoints(parser)
    add_autoencoder(parser)
    parser.add_argument(
        "--guidance",
        required=True,
        metavar="JSON",
        help='spec such as {"method": "cfg", "omega": 1.5}, or a file that holds one',
    )
    parser.add_argument("--seed", required=True, type=seed, help="of the block of samples")
    parser.add_argument(
        "--indices", required=True, type=index_range, metavar="A:B", help="samples A to B - 1"
    )
    parser.add_argument("--steps", required=True, type=positive, help="of the solver")
    parser.add_argument("--batch-size", type=positive, default=256, help="changes speed only")
    parser.add_argument("--solver", default="euler", help="euler (default) or heun")
    parser.add_argument("--subsets", default="fixed", help="fixed (default) or bernoulli")
    parser.add_argument("--dtype", default="fp32", help="fp32 (default) or bf16")
    parser.add_argument("--label-mode", default="random", help="random (default) or balanced")
    parser.add_argument("--guided-channels", type=positive, help="only the first so many")
    parser.add_argument("--uint8-rule", default="round", help="round (default) or truncate")
    parser.add_argument(
        "--plugin", action="append", default=[], type=Path, help="Python file with more methods"
    )
    add_out(parser, "images uint8 [N, C, H, W] and labels [N] (.safetensors)")
    add_device(parser)


def run(options):
    from bench.guidance import load_plugin
    from bench.sampling.models import load_models
    from bench.stages.sample import write_samples

    for plugin in options.plugin:
        load_plugin(plugin)
    keys = [field.name for field in dataclasses.fields(SamplingConfig)]
    settings = parse(SamplingConfig, {key: getattr(options, key) for key in keys})
    spec = guidance_spec(options.guidance)
    models = load_models(
        options.checkpoint,
        options.weak_checkpoint,
        options.autoencoder,
        choose_device(options.device),
    )
    write_samples(options.out, models, spec, settings, options.seed, options.indices)
