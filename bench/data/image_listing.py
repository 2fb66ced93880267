"""Where the images of a folder are: class folders of images, or WebDataset tar shards."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows

IMAGES = (".jpeg", ".jpg", ".png", ".webp")
LABEL = ".cls"
# Zeros.
END_OF_TAR = 2 * tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Entry:
    """An image: ``bytes`` bytes from ``offset`` on in ``file`` (a path in the folder). Tars are
    not compressed, so that an image in one is read like a file."""

    file: str
    offset: int
    bytes: int
    label: int
    key: str


def list_images(folder: Path, count: int, num_classes: int) -> list[Entry]:
    """The ``count`` images of ``folder``, in an order that the folder alone determines.

    A class is a folder, and its label the position of the folder's name among all (ImageNet's
    convention); in tar shards it is the number in an image's ``.cls`` neighbour (WebDataset's).

    Raises:
        BadInput: no such folder, or other images or classes in it than there should be.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; latents.train and latents.reference name them")
    shards = sorted(folder.glob("*.tar"))
    entries = list(_in_shards(shards) if shards else _in_class_folders(folder))
    if not entries:
        raise BadInput(f"{folder}: holds no images in class folders, and no .tar shards")
    labels = {entry.label for entry in entries}
    if labels != set(range(num_classes)):
        raise BadInput(
            f"{folder}: has {len(labels)} classes with images, from {min(labels)} to "
            f"{max(labels)}, but latents.num_classes is {num_classes}"
        )
    if len(entries) != count:
        raise BadInput(
            f"{folder}: holds {len(entries):,} images, but latents.train_images or "
            f"reference_images says {count:,}"
        )
    return entries


def write_listing(out: Path, entries: list[Entry]) -> None:
    """Writes a CSV with the columns of `Entry`."""
    write_text(out, pd.DataFrame(entries).to_csv(index=False))


def read_listing(path: Path) -> list[Entry]:
    """What `write_listing` wrote."""
    names = [field.name for field in fields(Entry)]
    frame = read_rows(path, *names, dtype={"file": str, "key": str}, keep_default_na=False)
    return [Entry(*row) for row in frame[names].itertuples(index=False)]


def read_bytes(folder: Path, entry: Entry) -> bytes:
    """The encoded image."""
    with open(folder / entry.file, "rb") as file:
        file.seek(entry.offset)
        return file.read(entry.bytes)


def _in_class_folders(folder) -> Iterator[Entry]:
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    for label, of_class in enumerate(classes):
        for path in sorted(of_class.iterdir()):
            if path.suffix.lower() in IMAGES:
                name = path.relative_to(folder)
                yield Entry(str(name), 0, path.stat().st_size, label, str(name.with_suffix("")))


def _in_shards(shards) -> Iterator[Entry]:
    for shard in shards:
        images, labels = {}, {}
        try:
            # tarfile itself takes what was cut short for a shorter tar.
            if any(_last_bytes(shard, END_OF_TAR)):
                raise tarfile.ReadError("its end is missing")
            with tarfile.open(shard, "r:") as tar:
                for member in filter(tarfile.TarInfo.isfile, tar):
                    name = Path(member.name)
                    key = str(name.with_suffix(""))
                    if name.suffix.lower() in IMAGES:
                        images[key] = member
                    elif name.suffix == LABEL:
                        labels[key] = int(tar.extractfile(member).read())
        except (tarfile.TarError, ValueError, OSError) as error:
            raise BadInput(
                f"{shard}: not a whole tar of <key>.jpg and <key>.cls ({error}); fetch it anew"
            ) from None
        for key, member in images.items():
            if key not in labels:
                raise BadInput(f"{shard}: {member.name} has no {key}{LABEL} beside it")
            yield Entry(shard.name, member.offset_data, member.size, labels[key], key)


def _last_bytes(path, count):
    with open(path, "rb") as file:
        file.seek(max(path.stat().st_size - count, 0))
        return file.read()
