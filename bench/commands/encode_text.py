"""encode-text: encode captions, of a file or of a scale, as the states of a text encoder."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.config.text_encoder import TextEncoderConfig
from bench.errors import BadInput
from bench.files.json_text import parse_json
from bench.parsing import parse


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--captions", type=Path, help="text file with a caption in each line")
    source.add_argument(
        "--split",
        nargs=2,
        metavar=("CONFIG", "PART"),
        help="the captions of a scale, with its encoder: those of train, reference, tuning, test "
        "or hpdv3",
    )
    parser.add_argument(
        "--text-encoder",
        metavar="JSON",
        help='with --captions, settings such as {"kind": "minilm", "length": 12}; all keys are '
        "described in bench/config/text_encoder.py",
    )
    parser.add_argument(
        "--shard",
        type=int,
        metavar="I",
        help="with --split, of captioned latents: the captions of one shard alone, from 0",
    )
    add_out(parser, "their text states (.safetensors)")
    add_device(parser)


def run(options):
    from bench.stages.encode_text import encode_file, encode_part

    if (options.captions is None) != (options.text_encoder is None):
        raise BadInput("--text-encoder: goes with --captions; a scale names its own encoder")
    if options.captions and options.shard is not None:
        raise BadInput("--shard: goes with --split; the captions of a file are one file again")
    device, out = choose_device(options.device), options.out
    if options.captions:
        settings = _settings(options.text_encoder)
        count, width = encode_file(options.captions, settings, device, out)
    else:
        config, part = options.split
        count, width = encode_part(Path(config), part, options.shard, device, out)
    print(f"{out}: {count:,} captions, states of width {width}")


def _settings(text):
    try:
        return parse(TextEncoderConfig, parse_json(text))
    except ValueError as error:
        raise BadInput(f"--text-encoder: not valid JSON: {error}") from None
    except BadInput as error:
        raise BadInput(f"--text-encoder: {error}") from None
