"""convert: turn published weights into a checkpoint."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out, positive
from bench.errors import BadInput
from bench.files.json_text import parse_json

KINDS = ("sit", "dit", "tread", "maskdit", "prx")


def add_arguments(parser):
    parser.add_argument("kind", choices=KINDS, help="the official code that the weights are of")
    parser.add_argument(
        "--weights",
        required=True,
        type=Path,
        help=".safetensors, .pt or .ckpt; of prx, the folder of diffusers' transformer",
    )
    parser.add_argument(
        "--config",
        default="{}",
        metavar="JSON",
        help='arguments of its constructor that differ from XL/2\'s, such as {"depth": 12}; with '
        '"route" (tread) or "decoder" (maskdit); of prx, what its config.json does not state: '
        '{"input_size": 64, "text_length": 256, "route": [2, 13]}',
    )
    parser.add_argument("--run", help="name of the model (default: KIND)")
    parser.add_argument("--dataset", required=True, help="dataset that it was trained on")
    parser.add_argument(
        "--iterations", required=True, type=positive, help="iterations of its training"
    )
    parser.add_argument(
        "--trained-with-routing",
        choices=("true", "false", "unknown"),
        default="unknown",
        help="what is published of it; rows of results say it (default: unknown)",
    )
    parser.add_argument(
        "--text-states",
        type=Path,
        help="of prx: prompts, and the empty one, as the text encoder of its training gives them",
    )
    add_out(parser, "the checkpoint (.safetensors)")


def run(options):
    from bench.stages.convert import Origin, convert

    parameters = convert(
        options.kind,
        options.weights,
        _arguments(options.config),
        Origin(
            options.run or options.kind,
            options.dataset,
            options.iterations,
            options.trained_with_routing,
        ),
        options.out,
        options.text_states,
    )
    print(f"{options.out}: {parameters:,} parameters")


def _arguments(text):
    try:
        arguments = parse_json(text)
    except ValueError as error:
        raise BadInput(f"--config: not valid JSON: {error}") from None
    if not isinstance(arguments, dict):
        raise BadInput(f"--config: expected a mapping of arguments, got {arguments!r}")
    return arguments
