"""What each part of a sparsely trained model processes, read off its checkpoint."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.config.model import kept_tokens, model_config
from bench.errors import BadInput
from bench.files.tensors import read_description


def parts(results: Path, run: str) -> pd.DataFrame:
    """A row per part of a run's trained model, in the order of the forward pass, at the sparsity
    of its training.

    Columns: part (patches, block, linear, decoder block, velocity), index among its kind, width,
    and tokens: image_tokens and mask_tokens that the part processes, stashed_tokens that bypass it.
    """
    paths = sorted((results / "checkpoints" / run).glob("step-*.safetensors"))
    if not paths:
        raise BadInput(f"{results / 'checkpoints' / run}: holds no checkpoint; train one first")
    description = read_description(paths[-1], "checkpoint")
    config = model_config(description["model"])
    tokens = config.tokens
    kept = kept_tokens(tokens, description["training"]["gamma"])
    rows = [_part("patches", 0, config.hidden_size, tokens)]
    for block in range(config.depth):
        if config.route and config.route[0] <= block <= config.route[1]:
            rows.append(_part("block", block, config.hidden_size, kept, stashed=tokens - kept))
        else:
            rows.append(
                _part("block", block, config.hidden_size, kept if config.decoder else tokens)
            )
    if config.decoder:
        width, depth, _ = config.decoder
        rows.append(_part("linear", 0, width, kept))
        for block in range(depth):
            rows.append(_part("decoder block", block, width, kept, masks=tokens - kept))
    rows.append(_part("velocity", 0, rows[-1]["width"], tokens))
    return pd.DataFrame(rows)


def _part(name, index, width, image, masks=0, stashed=0):
    return {
        "part": name,
        "index": index,
        "width": width,
        "image_tokens": image,
        "mask_tokens": masks,
        "stashed_tokens": stashed,
    }
