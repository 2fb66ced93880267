"""Latents of captioned images: which of them, and under which captions, a training sees."""

from __future__ import annotations

from pathlib import Path

import torch

from bench.data.captioned import Captioned
from bench.data.captioned_images import read_captions
from bench.data.splits import read_latents
from bench.data.subset import Subset
from bench.data.text_states import TextStates
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
    found = read_captions(listing_of(scale, split))
    return list(dict.fromkeys(caption for captions, _ in found for caption in captions))


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
    latents = read_latents(scale, "train")
    if sha256_of(listing) != latents.listing_sha256:
        raise BadInput(f"{listing}: the latents are of another listing; encode the images anew")
    listed = read_captions(listing)
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
    return Captioned(Subset(latents, torch.tensor(rows)), captions, TextStates(text_states))
