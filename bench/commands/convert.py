"""convert: turn published weights into a checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

from bench.commands.options import add_out, positive
from bench.errors import BadInput

KINDS = ("sit", "dit", "tread", "maskdit")


def add_arguments(parser):
    parser.add_argument("kind", choices=KINDS, help="the official code that the weights are of")
    parser.add_argument("--weights", required=True, type=Path, help=".safetensors, .pt or .ckpt")
    parser.add_argument(
        "--config",
        default="{}",
        metavar="JSON",
        help='arguments of its constructor that differ from XL/2\'s, such as {"depth": 12}; with '
        '"route" (tread) or "decoder" (maskdit)',
    )
    parser.add_argument("--run", help="name of the model (default: KIND)")
    parser.add_argument("--dataset", required=True, help="dataset that it was trained on")
    parser.add_argument(
        "--iterations", required=True, type=positive, help="iterations of its training"
    )
    add_out(parser, "the checkpoint (.safetensors)")


def run(options):
    from bench.stages.convert import convert

    parameters = convert(
        options.kind,
        options.weights,
        _arguments(options.config),
        options.run or options.kind,
        options.dataset,
        options.iterations,
        options.out,
    )
    print(f"{options.out}: {parameters:,} parameters")


def _arguments(text):
    try:
        arguments = json.loads(text)
    except ValueError as error:
        raise BadInput(f"--config: not valid JSON: {error}") from None
    if not isinstance(arguments, dict):
        raise BadInput(f"--config: expected a mapping of arguments, got {arguments!r}")
    return arguments
