"""encode-text: encode captions as the states of a text encoder."""

from __future__ import annotations

import json
from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.config.text_encoder import TextEncoderConfig
from bench.errors import BadInput
from bench.parsing import parse


def add_arguments(parser):
    parser.add_argument(
        "--captions", required=True, type=Path, help="text file with a caption in each line"
    )
    parser.add_argument(
        "--text-encoder",
        required=True,
        metavar="JSON",
        help='settings such as {"kind": "minilm", "length": 12}; all keys are described in '
        "bench/config/text_encoder.py",
    )
    add_out(parser, "their text states (.safetensors)")
    add_device(parser)


def run(options):
    from bench.data.text_states import write_text_states
    from bench.models.text_encoders import TextEncoder

    settings, captions = _settings(options.text_encoder), _captions(options.captions)
    encoder = TextEncoder(settings, choose_device(options.device))
    write_text_states(options.out, captions, encoder)
    print(f"{options.out}: {len(captions):,} captions, states of width {encoder.width}")


def _settings(text):
    try:
        return parse(TextEncoderConfig, json.loads(text))
    except ValueError as error:
        raise BadInput(f"--text-encoder: not valid JSON: {error}") from None
    except BadInput as error:
        raise BadInput(f"--text-encoder: {error}") from None


def _captions(path):
    try:
        captions = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file") from None
    if not captions:
        raise BadInput(f"{path}: holds no caption; write one in each line")
    return captions
