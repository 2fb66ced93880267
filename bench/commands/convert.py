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
        help='arguments of its constructor other than XL/2\'s, such as {"depth": 12}; with '
        '"route" (tread) or "decoder" (maskdit)',
    )
    parser.add_argument("--run", help="what the model is called (default: KIND)")
    parser.add_argument("--dataset", required=True, help="that it was trained on")
    parser.add_argument("--iterations", required=True, type=positive, help="of its training")
    add_out(parser, "the checkpoint (.safetensors)")


def run(options):
    from bench.models import from_official
    from bench.models.checkpoints import save_checkpoint
    from bench.models.published import read_published

    try:
        config = json.loads(options.config)
    except ValueError as error:
        raise BadInput(f"--config: not valid JSON: {error}") from None
    if not isinstance(config, dict):
        raise BadInput(f"--config: expected a mapping of arguments, got {config!r}")
    weights = read_published(options.weights)
    try:
        model = from_official(options.kind, weights, **config)
    except BadInput as error:
        raise error.in_file(options.weights) from None
    description = {
        "run": options.run or options.kind,
        "dataset": options.dataset,
        "step": options.iterations,
        "iterations": options.iterations,
        "converted_from": options.weights.name,
    }
    save_checkpoint(options.out, model, model.state_dict(), description)
    print(f"{options.out}: {sum(p.numel() for p in model.parameters()):,} parameters")
