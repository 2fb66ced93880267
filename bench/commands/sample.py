"""sample: draw samples under a guidance method."""

from __future__ import annotations

import argparse
import dataclasses
import typing
from pathlib import Path

from bench.commands.options import (
    add_autoencoder,
    add_checkpoints,
    add_device,
    add_out,
    add_prompts,
    choose_device,
    guidance_spec,
    index_range,
    positive,
    seed,
)
from bench.config.sampling import SamplingConfig, flag_of
from bench.parsing import parse


def add_arguments(parser):
    add_checkpoints(parser)
    add_autoencoder(parser)
    add_prompts(parser)
    parser.add_argument(
        "--guidance",
        required=True,
        metavar="JSON",
        help='spec such as {"method": "cfg", "omega": 1.5}, or a file that holds one',
    )
    parser.add_argument("--seed", required=True, type=seed, help="seed of the block of samples")
    parser.add_argument(
        "--indices", required=True, type=index_range, metavar="A:B", help="samples A to B - 1"
    )
    _add_sampling(parser)
    parser.add_argument(
        "--plugin", action="append", default=[], type=Path, help="Python file with more methods"
    )
    add_out(parser, "images uint8 [N, C, H, W] and labels or rows of prompts [N] (.safetensors)")
    add_device(parser)


def run(options):
    from bench.guidance import load_plugin
    from bench.sampling.models import load_models
    from bench.stages.sample import write_samples

    for plugin in options.plugin:
        load_plugin(plugin)
    names = [field.name for field in dataclasses.fields(SamplingConfig)]
    settings = parse(SamplingConfig, {name: getattr(options, name) for name in names})
    spec = guidance_spec(options.guidance)
    models = load_models(
        options.checkpoint,
        options.weak_checkpoint,
        options.autoencoder,
        choose_device(options.device),
        options.prompts,
    )
    write_samples(options.out, models, spec, settings, options.seed, options.indices)


def _add_sampling(parser):
    """Adds an option for every field of SamplingConfig."""
    types_by_name = typing.get_type_hints(SamplingConfig)
    for field in dataclasses.fields(SamplingConfig):
        kind, summary = types_by_name[field.name], field.metadata["help"]
        required = field.default is dataclasses.MISSING
        if not required and field.default is not None:
            summary += f" (default: {field.default})"
        # Words and fractions are read by `parse`, which proposes the nearest word.
        whole = kind is int or int in typing.get_args(kind)
        parser.add_argument(
            flag_of(field.name),
            required=required,
            default=None if required else field.default,
            type=positive if whole else str,
            metavar=_metavar(kind),
            help=summary,
        )
    # The former name of --dtype.
    parser.add_argument(
        "--precision", dest="dtype", default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )


def _metavar(kind):
    if typing.get_origin(kind) is typing.Literal:
        return f"{{{','.join(typing.get_args(kind))}}}"
    return "X" if float in typing.get_args(kind) else "N"
