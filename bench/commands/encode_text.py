"""encode-text: encode captions, of a file or of a scale, as the states of a text encoder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.config.load import load
from bench.config.text_encoder import TextEncoderConfig
from bench.errors import BadInput
from bench.files.hashes import sha256_of
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
    parser.add_argument(
        "--shard",
        type=int,
        metavar="I",
        help="with --split, of captioned latents: the captions of one shard alone, from 0",
    )
    add_out(parser, "their text states (.safetensors)")
    add_device(parser)


def run(options):
    from bench.data.prompted import captions as all_captions
    from bench.data.text_states import write_text_states
    from bench.models.text_encoders import TextEncoder

    if (options.captions is None) != (options.text_encoder is None):
        raise BadInput("--text-encoder: goes with --captions; a scale names its own encoder")
    if options.captions and options.shard is not None:
        raise BadInput("--shard: goes with --split; the captions of a file are one file again")
    write = write_text_states
    if options.captions:
        source = options.captions
        settings, captions = _settings(options.text_encoder), _captions(source)
    else:
        source, part = options.split
        scale = _scale(source, part)
        settings = scale.text.encoder
        if options.shard is None:
            captions = all_captions(scale, part)
        else:
            captions, write = _of_shard(scale, part, options.shard)
    encoder = TextEncoder(settings, choose_device(options.device))
    try:
        write(options.out, captions, encoder)
    except BadInput as error:
        raise error.in_file(source) from None
    print(f"{options.out}: {len(captions):,} captions, states of width {encoder.width}")


def _scale(config, part):
    from bench.data.prompted import PARTS

    scale = load(config)
    if scale.text is None:
        raise BadInput(f"--split: the images of {config} have no captions")
    if part not in PARTS:
        raise BadInput(f"--split: unknown part {part!r}{suggest(part, PARTS)}")
    return scale


def _of_shard(scale, part, shard):
    """The captions of a shard, and what writes it."""
    from bench.data.captioned_latents import listing_of, shard_captions
    from bench.data.text_shards import write_text_shard

    if not scale.latents or part not in scale.latents.text_shards:
        raise BadInput(f"--shard: the text states of {scale.name}'s {part} are one file")
    shards = scale.latents.text_shards[part]
    if not 0 <= shard < shards:
        raise BadInput(f"--shard: {shard} is not one of 0 to {shards - 1}")
    captions = shard_captions(scale, part, shard)
    listing = sha256_of(listing_of(scale, part))
    return captions, partial(write_text_shard, listing_sha256=listing, shard=shard, shards=shards)


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
