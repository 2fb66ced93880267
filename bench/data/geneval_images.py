"""Finds and reads the images of a folder in GenEval's layout."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from bench.errors import BadInput
from bench.files.json_text import parse_json

METADATA, SAMPLES = "metadata.jsonl", "samples"
# Others would lose bits on the way to 8 of them.
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


@dataclass(frozen=True)
class PromptImage:
    """An image and the line of the prompt file that it is of."""

    path: Path
    metadata: dict


def image_path(folder: Path, number: int, copy: int) -> Path:
    """The place of an image: of which prompt, and which of that prompt's."""
    return folder / f"{number:05d}" / SAMPLES / f"{copy:04d}.png"


def list_prompt_images(
    folder: Path, prompts: Sequence[dict], per_prompt: int, side: int | None = None
) -> list[PromptImage]:
    """The images of ``<folder>/<number>/samples/<number>.png`` in the order of their numbers.

    A folder's number is that of its prompt, from 0, and its ``metadata.jsonl`` is its line of the
    prompt file. Other files and folders are passed over, as by GenEval's evaluator.

    Args:
        side: the height and width that images must have; None: any.

    Raises:
        BadInput: a prompt's folder is missing, there twice, or of another prompt; there are more
            folders than prompts, or not ``per_prompt`` images of each; a file is no image, or of
            another size.
    """
    folders = _numbered_folders(folder)
    missing = [number for number in range(len(prompts)) if number not in folders]
    if missing:
        raise BadInput(
            f"{folder}: lacks {missing[0]:05d}, {prompts[missing[0]]['prompt']!r} "
            f"({len(missing)} of {len(prompts)} prompts are missing); draw them first"
        )
    beyond = [number for number in folders if number >= len(prompts)]
    if beyond:
        raise BadInput(
            f"{folders[min(beyond)]}: there are {len(prompts)} prompts, so the last folder is "
            f"{len(prompts) - 1:05d}; is it the right prompt file?"
        )
    found = []
    for number, metadata in enumerate(prompts):
        _check_metadata(folders[number] / METADATA, metadata)
        for path in _samples(folders[number] / SAMPLES, per_prompt):
            found.append(PromptImage(path, metadata))
    for image in found:
        with _opened(image.path) as opened:
            opened.verify()
        if side and opened.size != (side, side):
            width, height = opened.size
            raise BadInput(f"{image.path}: {width} x {height} pixels, not {side} x {side}")
    return found


def read_prompt_image(path: Path) -> Tensor:
    """An image in RGB, turned as its EXIF data say: uint8 [3, H, W].

    Raises:
        BadInput: the file is no image of 8 bits a channel.
    """
    with _opened(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    return torch.from_numpy(np.array(upright)).permute(2, 0, 1)


def _numbered_folders(folder):
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder")
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name.isdecimal():
            other = found.setdefault(int(path.name), path)
            if other != path:
                raise BadInput(f"{path}: the number of {other.name} again; remove one of them")
    return found


def _check_metadata(path, metadata):
    try:
        found = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; it is to hold the folder's prompt") from None
    except ValueError:
        raise BadInput(f"{path}: not one JSON object; it is to hold the folder's prompt") from None
    if found != metadata:
        prompt = found.get("prompt") if isinstance(found, dict) else found
        what = "the same words, other clauses" if prompt == metadata["prompt"] else repr(prompt)
        raise BadInput(
            f"{path}: not the prompt of this number, {metadata['prompt']!r}, but {what}; are the "
            "images of another prompt file?"
        )


def _samples(folder, per_prompt):
    found = [] if not folder.is_dir() else [path for path in folder.iterdir() if _is_sample(path)]
    if len(found) != per_prompt:
        raise BadInput(
            f"{folder}: {len(found)} images named 0000.png and so on, not {per_prompt} as "
            "--images-per-prompt says"
        )
    return sorted(found, key=lambda path: (int(path.stem), path.name))


def _is_sample(path):
    return path.suffix == ".png" and path.stem.isdecimal() and path.is_file()


@contextmanager
def _opened(path):
    try:
        with Image.open(path) as image:
            if image.mode not in MODES:
                raise BadInput(f"{path}: its mode is {image.mode}; convert it to 8-bit RGB")
            yield image
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path}: not an image that can be read ({error})") from None
