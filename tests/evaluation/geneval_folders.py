"""Folders of images in GenEval's layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from bench.data.shapes.rendering import render
from bench.data.shapes.scenes import draw_scene
from bench.seeds import generator


def write_prompts(path: Path, prompts) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in prompts), encoding="utf-8")
    return path


def write_image(path: Path, pixels) -> None:
    """An image, uint8 [3, H, W], as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels).transpose(1, 2, 0)).save(path)


def write_folder(folder: Path, prompts, per_prompt: int, shown=None) -> Path:
    """``per_prompt`` renders of each prompt, or of the prompts ``shown`` in their place."""
    for number, (metadata, drawn) in enumerate(zip(prompts, shown or prompts)):
        of_prompt = folder / f"{number:05d}"
        line = of_prompt / "metadata.jsonl"
        streams = [generator(4, "scene", number, copy) for copy in range(per_prompt)]
        for copy, image in enumerate(render([draw_scene(drawn, stream) for stream in streams])):
            write_image(of_prompt / "samples" / f"{copy:04d}.png", image)
        line.write_text(json.dumps(metadata), encoding="utf-8")
    return folder
