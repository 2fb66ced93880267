"""speed: time the sampler under guidance."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device, positive
from bench.config.load import load
from bench.config.model import ModelConfig, model_config
from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.json_text import parse_json
from bench.sampling.variants import SWEEP, Choice, sparsity_grid

# Latents of ImageNet-256.
LATENTS = {"input_size": 32, "in_channels": 4, "num_classes": 1000}


def add_arguments(parser):
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--config", type=Path, help="YAML file of a scale, the model is of --run")
    model.add_argument(
        "--model",
        metavar="JSON",
        help='architecture as in a configuration, such as {"size": "SiT-S/2", "route": [2, 8]}, or '
        "a size alone; ImageNet-256's latents unless it says otherwise",
    )
    parser.add_argument("--run", help="name under `runs:` in the configuration")
    parser.add_argument(
        "--batch",
        required=True,
        type=positive,
        nargs="+",
        metavar="N",
        help="samples at a time; on a CPU the sampler fills them up to a multiple of 16",
    )
    parser.add_argument("--dtype", nargs="+", choices=("fp32", "bf16"), default=["fp32"])
    parser.add_argument("--compile", action="store_true", help="time compiled blocks, too")
    parser.add_argument(
        "--steps", type=positive, default=4, metavar="N", help="Euler steps (default: 4)"
    )
    parser.add_argument(
        "--repeats", type=positive, default=7, metavar="N", help="of everything (default: 7)"
    )
    parser.add_argument(
        "--figure",
        type=Path,
        help="time Sparse Guidance at more sparsities, too, and draw the ratio to CFG (.png); a "
        "PDF and its data (.csv) lie beside it",
    )
    parser.add_argument(
        "--spacing",
        type=_spacing,
        metavar="GAMMA",
        help="time Sparse Guidance at every pair of sparsities that are multiples of it",
    )
    add_out(parser, "a row per guidance method, loop, batch size, dtype and compilation (.csv)")
    add_device(parser)


def run(options):
    if options.figure and options.figure.with_suffix(".csv") == options.out:
        raise BadInput(f"--figure: its data would replace {options.out}; name another file")
    config = _model(options)
    # Each once, however often they are named.
    batches, dtypes = (tuple(dict.fromkeys(named)) for named in (options.batch, options.dtype))
    gammas = (SWEEP if options.figure else ()) + sparsity_grid(options.spacing or 1)
    choice = Choice(batches, dtypes, options.compile, tuple(dict.fromkeys(gammas)))

    from bench.stages.speed import measure_speed

    device = choose_device(options.device)
    rows = measure_speed(config, choice, options.steps, options.repeats, device)
    write_text(options.out, rows.to_csv(index=False, float_format="%.5g"))
    print(f"{options.out}: {len(rows)} rows")
    if options.figure:
        _draw(rows, options.figure)


def _spacing(text):
    try:
        if 0 < float(text) < 1:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1")


def _model(options) -> ModelConfig:
    """The architecture that the options name."""
    if options.config:
        if options.run is None:
            raise BadInput("--run: missing; name the run of the configuration whose model is timed")
        scale = load(options.config)
        return scale.model(scale.run(options.run))
    if options.run is not None:
        raise BadInput("--run: belongs to --config; leave it out with --model")
    text, settings = options.model, {"size": options.model}
    if text.lstrip().startswith("{"):
        try:
            settings = parse_json(text)
        except ValueError as error:
            raise BadInput(f"--model: not valid JSON: {error}") from None
    try:
        return model_config(LATENTS | settings)
    except BadInput as error:
        raise error.within("--model") from None


def _draw(rows, path):
    from bench.report.look.style import save, styled
    from bench.report.speed import draw

    with styled():
        save(*draw(rows), path)
