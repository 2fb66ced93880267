"""Latents of captioned images: which of them, and under which captions, a training sees."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from bench.data.captioned import Captioned
from bench.data.captioned_images import read_captions
from bench.data.prompts import Prompts
from bench.data.shards import shard_range
from bench.data.splits import read_latents, spread
from bench.data.subset import Subset
from bench.data.text_shards import read_text_states
from bench.errors import BadInput
from bench.files.hashes import sha256_of


def listing_of(scale, split: str) -> Path:
    """The listing of the images, and of their captions, of a split."""
    return Path(scale.latents.folder) / f"{split}.csv"


def all_captions(scale, split: str) -> list[str]:
    """Every caption of a split once.

    Raises:
        BadInput: the images are not listed.
    """
    return list(dict.fromkeys(_each_caption(read_captions(listing_of(scale, split)))))


def shard_captions(scale, split: str, shard: int) -> list[str]:
    """Those captions of a split that first come in a shard's part of the images, each once.

    Raises:
        BadInput: the images are not listed.
    """
    images = read_captions(listing_of(scale, split))
    part = shard_range(len(images), shard, scale.latents.text_shards[split])
    before = set(_each_caption(images[: part.start]))
    own = dict.fromkeys(_each_caption(images[part.start : part.stop]))
    return [caption for caption in own if caption not in before]


def captioned_latents(scale, text_states: Path, score_above: float | None) -> Captioned:
    """The training images of a scale as latents. A sample is an image under one of its captions, so
    that an epoch shows it once with each.

    Args:
        score_above: takes the images alone whose score is larger; None takes all.

    Raises:
        BadInput: as `Latents`; the latents are of another listing; no image has such a score; or a
            caption was not encoded.
    """
    listing = listing_of(scale, "train")
    latents, listed = _with_captions(scale, "train")
    rows, captions = [], []
    for place, row in enumerate(latents.rows.tolist()):
        of_image, score = listed[row]
        # Of an image without a score, NaN, this is never true.
        if score_above is None or score > score_above:
            rows += [place] * len(of_image)
            captions += of_image
    if not rows:
        raise BadInput(
            f"{listing}: no image has a score above {score_above:g}; lower training.score_above, "
            "or list the images anew under latents.score"
        )
    return Captioned(Subset(latents, torch.tensor(rows)), captions, read_text_states(text_states))


def held_out_latents(scale, count: int, text_states: Path) -> tuple[Tensor, Prompts]:
    """Up to ``count`` latents of the reference images, float32 [N, C, H, W], at equal distances in
    their listing, and the first caption of each.

    Raises:
        BadInput: as `Latents`; the latents are of another listing; or a caption was not encoded.
    """
    latents, listed = _with_captions(scale, "reference")
    places = spread(len(latents), count)
    stored, _ = latents[places]
    captions = [listed[row][0][0] for row in latents.rows[places].tolist()]
    states = read_text_states(text_states)
    return latents.mean(stored), states[states.rows(captions)]


def _each_caption(images):
    return (caption for captions, _ in images for caption in captions)


def _with_captions(scale, split):
    """The latents of a split, and the captions and the score of each listed image."""
    listing, latents = listing_of(scale, split), read_latents(scale, split)
    if sha256_of(listing) != latents.listing_sha256:
        raise BadInput(f"{listing}: the latents are of another listing; encode the images anew")
    return latents, read_captions(listing)
