"""Lists the captioned images of a folder of WebDataset tar shards.

The files of a sample stand in one tar under one key, the name up to its first dot:

    000001.jpg     the image (.jpeg, .png and .webp, too)
    000001.json    "captions", a list of texts, or else "caption", one; and scores by name
    000001.txt     a caption, in the place of those in the JSON or before them

Hidden files and those of the system are passed over.
"""

from __future__ import annotations

import json
import math
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from bench.data.class_folders import visible
from bench.data.image_listing import IMAGES, Entry, write_frame
from bench.data.tar_shards import open_shard, visible_files
from bench.errors import BadInput
from bench.files.csv_rows import read_rows
from bench.files.json_text import parse_json

METADATA, CAPTION = ".json", ".txt"
# Image listings have a label; images with captions have none.
NO_LABEL = 0


@dataclass(frozen=True)
class CaptionedImage:
    """An image, its captions (one at least) and its score, NaN where none was asked for."""

    entry: Entry
    captions: tuple[str, ...]
    score: float = math.nan


def list_captioned_images(folder: Path, count: int, score: str | None) -> list[CaptionedImage]:
    """The ``count`` images of the tar shards in ``folder``, in the order of their names.

    Args:
        score: the key of a number in each image's JSON.

    Raises:
        BadInput: there is no such folder, it holds another number of images, a shard is cut short,
            or a sample lacks its image, a caption or its score.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; latents.train and latents.reference name them")
    shards = [path for path in visible(folder) if path.suffix == ".tar"]
    images = [image for shard in shards for image in _in_shard(shard, score)]
    if len(images) != count:
        raise BadInput(
            f"{folder}: its .tar shards hold {len(images):,} images, but latents.train_images or "
            f"reference_images says {count:,}"
        )
    return images


def write_captioned_listing(out: Path, images: list[CaptionedImage]) -> None:
    """Writes images as an image listing with two columns more: their captions, as a list in JSON,
    and their score."""
    rows = [
        {
            **asdict(image.entry),
            "captions": json.dumps(image.captions),
            "score": image.score,
        }
        for image in images
    ]
    write_frame(out, pd.DataFrame(rows, dtype=object))


def read_captions(listing: Path) -> list[tuple[tuple[str, ...], float]]:
    """The captions and the score of each image of a listing of `write_captioned_listing`.

    Raises:
        BadInput: there is no such listing, it is damaged, or one of images without captions.
    """
    frame = read_rows(
        listing, "captions", "score", dtype={"captions": object}, encoding_errors="surrogateescape"
    )
    images = []
    for number, cells in enumerate(zip(frame["captions"], frame["score"]), start=1):
        try:
            # A cell that is missing is no text but NaN, which as a score stands for none.
            captions, score = parse_json(str(cells[0])), float(cells[1])
        except ValueError:
            captions, score = None, math.nan
        if not captions or not _are_texts(captions) or not all(captions) or math.isinf(score):
            raise BadInput(
                f"{listing}: image {number} has no list of captions with a score beside it; list "
                "the images anew"
            )
        images.append((tuple(captions), score))
    return images


def _in_shard(shard, score) -> Iterator[CaptionedImage]:
    samples = {}
    try:
        with open_shard(shard) as tar:
            for member in visible_files(tar):
                key, kind = _key_and_kind(shard, member.name)
                files = samples.setdefault(key, {})
                name = "image" if kind in IMAGES else kind
                if name in files:
                    raise BadInput(f"{shard}: {key} has two files {kind}; leave one")
                text = kind in (METADATA, CAPTION)
                files[name] = tar.extractfile(member).read() if text else member
    except (tarfile.TarError, OSError) as error:
        raise BadInput(
            f"{shard}: not a whole tar of <key>.jpg and <key>.json ({error}); fetch it anew"
        ) from None
    for key, files in samples.items():
        try:
            yield _captioned_image(shard, key, files, score)
        except BadInput as error:
            raise BadInput(f"{shard}: {key} {error}") from None


def _key_and_kind(shard, name):
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BadInput(f"{shard}: {name} would leave the folder; pack it with names inside of it")
    stem, dot, kind = path.name.partition(".")
    return str(path.with_name(stem)) if stem else str(path), (dot + kind).lower()


def _captioned_image(shard, key, files, score):
    if "image" not in files:
        raise BadInput(f"has no image ({', '.join(IMAGES)}) beside it; add one, or remove it")
    metadata = _metadata(files.get(METADATA, b"{}"))
    captions = _captions(files.get(CAPTION), metadata)
    member = files["image"]
    entry = Entry(shard.name, member.offset_data, member.size, NO_LABEL, key)
    if score is None:
        return CaptionedImage(entry, captions)
    return CaptionedImage(entry, captions, _score(metadata, score))


def _metadata(contents):
    try:
        metadata = parse_json(contents)
    except ValueError as error:
        raise BadInput(f"has a {METADATA} that is not valid JSON ({error}); mend it") from None
    if not isinstance(metadata, dict):
        raise BadInput(f"has a {METADATA} that is no mapping; write captions and scores by name")
    return metadata


def _captions(text, metadata):
    """All of them once, in their order."""
    found = _texts(metadata.get("captions")) or _texts(metadata.get("caption"))
    if text is not None:
        try:
            found = [*_texts(text.decode("utf-8-sig")), *found]
        except UnicodeDecodeError:
            raise BadInput(f"has a {CAPTION} that is not UTF-8; mend it") from None
    captions = tuple(dict.fromkeys(found))
    if not captions:
        raise BadInput(f"has no caption; give it one in its {CAPTION} or {METADATA}, or remove it")
    return captions


def _texts(given):
    """The captions of a value in a JSON; the empty one stands for none, as null does."""
    if given is None:
        return []
    found = [given] if isinstance(given, str) else given
    if not _are_texts(found):
        raise BadInput(f"has captions that are no texts; write a list of texts in its {METADATA}")
    return [caption.strip() for caption in found if caption.strip()]


def _are_texts(found):
    return isinstance(found, list) and all(isinstance(text, str) for text in found)


def _score(metadata, name):
    score = metadata.get(name)
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    # NaN compares false, and a whole number may be larger than any float.
    if not is_number or not abs(score) <= sys.float_info.max:
        found = "no" if score is None else f"{score!r} as its"
        raise BadInput(
            f"has {found} {name!r}, which latents.score names; write a number into its {METADATA}"
        )
    return float(score)
