"""encode-text: encode captions, of a file or of a scale, as the states of a text encoder."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.config.load import load
from bench.config.text_encoder import TextEncoderConfig
from bench.errors import BadInput
from bench.files.json_text import parse_json
from bench.parsing import parse, suggest


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--captions", type=Path, help="text file with a caption in each line")
    source.add_argument(
        "--split",
        nargs=2,
        metavar=("CONFIG", "PART"),
        help="the captions of a scale, with its encoder: those of train, tuning, test or hpdv3",
    )
    parser.add_argument(
        "--text-encoder",
        metavar="JSON",
        help='with --captions, settings such as {"kind": "minilm", "length": 12}; all keys are '
        "described in bench/config/text_encoder.py",
    )
    add_out(parser, "their text states (.safetensors)")
    add_device(parser)


def run(options):
    from bench.data.text_states import write_text_states
    from bench.models.text_encoders import TextEncoder

    if (options.captions is None) != (options.text_encoder is None):
        raise BadInput("--text-encoder: goes with --captions; a scale names its own encoder")
    if options.captions:
        source = options.captions
        settings, captions = _settings(options.text_encoder), _captions(source)
    else:
        source = options.split[0]
        settings, captions = _of_scale(*options.split)
    encoder = TextEncoder(settings, choose_device(options.device))
    try:
        write_text_states(options.out, captions, encoder)
    except BadInput as error:
        raise error.in_file(source) from None
    print(f"{options.out}: {len(captions):,} captions, states of width {encoder.width}")


def _of_scale(config, part):
    from bench.data.prompted import PARTS, captions

    scale = load(config)
    if scale.text is None:
        raise BadInput(f"--split: the images of {config} have no captions")
    if part not in PARTS:
        raise BadInput(f"--split: unknown part {part!r}{suggest(part, PARTS)}")
    return scale.text.encoder, captions(scale, part)


def _settings(text):
    try:
        return parse(TextEncoderConfig, parse_json(text))
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
