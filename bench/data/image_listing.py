"""Lists the images of a folder: class folders of images, or WebDataset tar shards."""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from bench.data.class_folders import class_folders, visible
from bench.data.tar_shards import open_shard, visible_files
from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.csv_rows import read_rows

IMAGES = (".jpeg", ".jpg", ".png", ".webp")
LABEL = ".cls"


@dataclass(frozen=True)
class Entry:
    """An image: ``bytes`` bytes from ``offset`` on in ``file`` (a path in the folder).

    Tars are not compressed, so an image in one is read like a file.
    """

    file: str
    offset: int
    bytes: int
    label: int
    key: str


def list_images(folder: Path, count: int, num_classes: int) -> list[Entry]:
    """The ``count`` images of ``folder``, in an order that the folder alone determines.

    A class is a folder, and its label is the position of the folder's name among all: in the
    order of characters (ImageNet's convention), or of numbers where all names are such. In tar
    shards the label is the number in an image's ``.cls`` neighbour (WebDataset's convention).
    Hidden entries and those of the system are passed over.

    Raises:
        BadInput: there is no such folder, or it holds other images or classes than it should.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; latents.train and latents.reference name them")
    shards = [path for path in visible(folder) if path.suffix == ".tar"]
    classes = class_folders(folder)
    try:
        entries = list(_in_shards(shards) if shards else _in_class_folders(classes))
        _check(folder, entries, count, num_classes)
    except BadInput as error:
        raise BadInput(f"{error}{_remark(shards, classes)}") from None
    return entries


def write_listing(out: Path, entries: list[Entry]) -> None:
    """Writes images as a CSV with the columns of `Entry`."""
    write_frame(out, pd.DataFrame(entries, dtype=object))


def write_frame(out: Path, frame: pd.DataFrame) -> None:
    """Writes a table of images as CSV; file names are the bytes that they are on disk, be they
    UTF-8 or not."""
    # Without quotes a carriage return in a name would end its row.
    write_text(out, frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC))


def read_listing(path: Path) -> list[Entry]:
    """The images of a CSV that `write_listing` wrote."""
    names = [field.name for field in fields(Entry)]
    frame = read_rows(
        path,
        *names,
        dtype={"file": object, "key": object},
        keep_default_na=False,
        encoding_errors="surrogateescape",
    )
    return [Entry(*row) for row in frame[names].itertuples(index=False)]


def read_bytes(folder: Path, entry: Entry) -> bytes:
    """The encoded image of an entry."""
    with open(folder / entry.file, "rb") as file:
        file.seek(entry.offset)
        return file.read(entry.bytes)


def _in_class_folders(classes) -> Iterator[Entry]:
    for label, of_class in enumerate(classes):
        for path in visible(of_class):
            if path.suffix.lower() in IMAGES:
                name = path.relative_to(of_class.parent)
                yield Entry(str(name), 0, path.stat().st_size, label, str(name.with_suffix("")))


def _in_shards(shards) -> Iterator[Entry]:
    for shard in shards:
        images, labels = {}, {}
        try:
            with open_shard(shard) as tar:
                for member in visible_files(tar):
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


def _check(folder, entries, count, num_classes):
    if not entries:
        raise BadInput(f"{folder}: holds no images in class folders, and no .tar shards of any")
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


def _remark(shards, classes):
    """The likely reason of a refusal: something that lies where it was not expected."""
    if shards and classes:
        return (
            f"; {shards[0].name} lies beside class folders, which are not read where there is a "
            ".tar: move the one or the others"
        )
    others = [
        path for found in classes for path in visible(found) if path.suffix.lower() not in IMAGES
    ]
    if others:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        return f"; not counted as images: {others[0]}{more}"
    return ""
