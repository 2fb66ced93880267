"""Results other than the rows, read for figures and claims."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.config.model import model_config
from bench.config.spans import kept_tokens
from bench.errors import BadInput
from bench.files.csv_rows import read_rows


def read_specs(path: Path, column: str = "fid") -> pd.DataFrame:
    """The candidates of a search, or the points of a grid: the keys of the guidance spec, then
    metrics, ``column`` among them, and cost."""
    rows = read_rows(path, "guidance", "samples", column)
    specs = pd.DataFrame([json.loads(text) for text in rows["guidance"]])
    return pd.concat([specs, rows.drop(columns="guidance")], axis=1)


def read_distances(path: Path) -> pd.DataFrame:
    """The distance of each sample from the unguided one of the same seed: columns seed, index,
    distance."""
    return read_rows(path, "seed", "index", "distance")


def read_gap(path: Path) -> pd.DataFrame:
    """The held-out velocity loss of a run: columns run, step, condition ("given" or "null"),
    gamma, t, loss."""
    # keep_default_na: pandas would read the null condition as a missing value.
    columns = ("run", "step", "condition", "gamma", "t", "loss")
    return read_rows(path, *columns, keep_default_na=False, na_values={"loss": ["", "nan"]})


def read_first_samples(folder: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first samples of a cell's first seed block.

    Args:
        folder: the cell's seed blocks.
        count: the number of samples; fewer where the first shard holds fewer.

    Returns:
        Images, uint8 [N, H, W, C], and their labels [N].

    Raises:
        BadInput: the folder holds no samples, or samples of prompts.
    """
    shard = _read_first_shard(folder, "images", "labels")
    images = shard["images"][:count].permute(0, 2, 3, 1)
    return images.numpy(), shard["labels"][:count].numpy()


def read_samples(folder: Path, indices: Sequence[int]) -> np.ndarray:
    """Samples of the first shard of a cell's first seed block, uint8 [N, H, W, C].

    Args:
        folder: the cell's seed blocks.
        indices: of the samples in the block.

    Raises:
        BadInput: the folder holds no samples.
    """
    images = _read_first_shard(folder, "images")["images"]
    return images[list(indices)].permute(0, 2, 3, 1).numpy()


def read_omega_sweep(path: Path) -> tuple[np.ndarray, list[float]]:
    """The first samples of a seed block over omega: images uint8 [omegas, N, H, W, C], and the
    omegas.

    Raises:
        BadInput: the file is missing or another one.
    """
    from bench.files.tensors import read_tensors

    tensors, description = read_tensors(path, "omega sweep", ("images",))
    return tensors["images"].permute(0, 1, 3, 4, 2).numpy(), description["omegas"]


def read_parts(folder: Path) -> pd.DataFrame:
    """The parts of a trained model in the order of the forward pass, at the sparsity of its
    training.

    Args:
        folder: the weights of the training.

    Returns:
        Columns part (patches, block, linear, decoder block, velocity), index among its kind, width,
        and the numbers of tokens: image_tokens and mask_tokens that the part processes, and
        stashed_tokens that bypass it.

    Raises:
        BadInput: the folder holds no checkpoint.
    """
    from bench.files.tensors import read_description

    paths = sorted(folder.glob("step-*.safetensors"))
    if not paths:
        raise BadInput(f"{folder}: holds no checkpoint; train one first")
    description = read_description(paths[-1], "checkpoint")
    config = model_config(description["model"])
    kept = kept_tokens(config.tokens, description["training"]["gamma"])
    return pd.DataFrame(_parts(config, kept))


def _parts(config, kept):
    tokens = config.tokens
    yield _part("patches", 0, config.hidden_size, tokens)
    for span in config.spans:
        for block in range(span.first, span.last + 1):
            if block >= config.depth:
                index = block - config.depth
                yield _part("decoder block", index, span.width, kept, masks=tokens - kept)
            elif span.tokens == "kept":
                stashed = 0 if config.decoder else tokens - kept
                yield _part("block", block, span.width, kept, stashed=stashed)
            else:
                yield _part("block", block, span.width, tokens)
        if config.decoder and span.tokens == "kept":
            yield _part("linear", 0, config.decoder[0], kept)
    yield _part("velocity", 0, config.spans[-1].width, tokens)


def _part(name, index, width, image, masks=0, stashed=0):
    return {
        "part": name,
        "index": index,
        "width": width,
        "image_tokens": image,
        "mask_tokens": masks,
        "stashed_tokens": stashed,
    }


def _read_first_shard(folder, *names):
    # Imported here because the workflow imports the figures, and torch takes seconds.
    from bench.files.tensors import read_tensors

    blocks = sorted(folder.glob("seed-*"), key=lambda path: int(path.name.split("-")[1]))
    shards = sorted(blocks[0].glob("*.safetensors"), key=_first_index) if blocks else []
    if not shards:
        raise BadInput(f"{folder}: holds no samples; draw them first")
    return read_tensors(shards[0], "samples", names)[0]


def _first_index(path):
    return int(path.name.split("-")[0])
