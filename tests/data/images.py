"""Images in ImageNet's layout, made for tests."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("n01440764", "n01443537", "n01484850")


def random_image(rng, width, height) -> Image.Image:
    """Smooth colours: noise of a few pixels, scaled up."""
    coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def write_image_folder(folder: Path, per_class: int, seed: int = 0, classes=CLASSES) -> Path:
    """A folder of JPEGs per class, of several sizes."""
    rng = np.random.default_rng(seed)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for index in range(per_class):
            image = random_image(rng, *rng.integers(70, 200, 2).tolist())
            image.save(folder / name / f"{name}_{index}.JPEG", quality=95)
    return folder


def write_image_shard(path: Path, images: Path) -> Path:
    """The JPEGs of a class folder tree as a WebDataset tar."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for label, folder in enumerate(sorted(images.iterdir())):
            for image in sorted(folder.iterdir()):
                add_to_tar(tar, f"{image.stem}.jpg", image.read_bytes())
                add_to_tar(tar, f"{image.stem}.cls", str(label).encode())
    return path


def add_to_tar(tar, name, contents):
    """Adds a file to an open tar."""
    member = tarfile.TarInfo(name)
    member.size = len(contents)
    tar.addfile(member, io.BytesIO(contents))


def encoded_image(rng, width=72, height=64) -> bytes:
    """A JPEG."""
    contents = io.BytesIO()
    random_image(rng, width, height).save(contents, "JPEG")
    return contents.getvalue()
