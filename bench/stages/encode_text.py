"""Encodes captions, of a file or of a scale, as the states of a text encoder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.config.load import load
from bench.config.text_encoder import TextEncoderConfig
from bench.data import prompted
from bench.data.captioned_latents import listing_of, shard_captions
from bench.data.text_shards import write_text_shard
from bench.data.text_states import write_text_states
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.models.text_encoders import TextEncoder
from bench.parsing import suggest


def encode_file(path: Path, settings: TextEncoderConfig, device: str, out: Path) -> tuple[int, int]:
    """Encodes the captions of a text file, one in each line.

    Returns:
        The number of captions, and the width of their states.

    Raises:
        BadInput: the file is no text, or has a blank line; or as `TextEncoder` and its `encode`.
    """
    return _encode(path, _read_lines(path), settings, device, partial(write_text_states, out))


def encode_part(
    config: Path, part: str, shard: int | None, device: str, out: Path
) -> tuple[int, int]:
    """Encodes the captions of a part of a scale, with the scale's encoder.

    Args:
        part: one of ``PARTS`` of bench/data/prompted.py.
        shard: of captioned latents: the number, from 0, of the shard whose captions alone are
            encoded; None encodes them all.

    Returns:
        The number of captions, and the width of their states.

    Raises:
        BadInput: the scale has no captions, no such part or no such shard; or as `TextEncoder` and
            its `encode`.
    """
    scale = load(config)
    if scale.text is None:
        raise BadInput(f"--split: the images of {config} have no captions")
    if part not in prompted.PARTS:
        raise BadInput(f"--split: unknown part {part!r}{suggest(part, prompted.PARTS)}")
    if shard is None:
        captions, write = prompted.captions(scale, part), partial(write_text_states, out)
    else:
        captions, write = _of_shard(scale, part, shard, out)
    return _encode(config, captions, scale.text.encoder, device, write)


def _encode(source, captions, settings, device, write):
    encoder = TextEncoder(settings, device)
    try:
        write(captions, encoder)
    except BadInput as error:
        raise error.in_file(source) from None
    return len(captions), encoder.width


def _of_shard(scale, part, shard, out):
    """The captions of a shard, and what writes it."""
    if not scale.latents or part not in scale.latents.text_shards:
        raise BadInput(f"--shard: the text states of {scale.name}'s {part} are one file")
    shards = scale.latents.text_shards[part]
    if not 0 <= shard < shards:
        raise BadInput(f"--shard: {shard} is not one of 0 to {shards - 1}")
    captions = shard_captions(scale, part, shard)
    listing = sha256_of(listing_of(scale, part))
    return captions, partial(
        write_text_shard, out, listing_sha256=listing, shard=shard, shards=shards
    )


def _read_lines(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file of UTF-8") from None
    if not text:
        raise BadInput(f"{path}: holds no caption; write one in each line")
    # str.splitlines would end a line at U+2028 and at form feeds, too, which captions may hold.
    lines = text.split("\n")
    # The last newline ends a line and begins none.
    captions = lines if lines[-1] else lines[:-1]
    for number, caption in enumerate(captions, start=1):
        if not caption.strip():
            raise BadInput(f"{path}: line {number} is blank; write a caption in each")
    return captions
