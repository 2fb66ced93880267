"""Rows of metrics.csv: a block of samples, its metrics, and their full provenance.

The columns, in this order: samples; the metrics; the preview, where one is asked for; guidance and
HYPERPARAMETERS; SHARED; CIRCUMSTANCES; evaluator, reference; wall_seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from bench.errors import BadInput
from bench.evaluation.features import check_same_extractor, read_features
from bench.evaluation.reference import read_reference
from bench.evaluation.score import frechet_distance_to, score
from bench.files.hashes import sha256_of

# Taken from the guidance spec; empty where a method has no such hyperparameter.
HYPERPARAMETERS = ("omega", "gamma", "gamma_strong", "gamma_weak")
# Recorded in every file of samples, and equal in all files of a block, as guidance is.
SHARED = (
    "seed",
    "solver",
    "steps",
    "time_shift",
    "subsets",
    "label_mode",
    "guided_channels",
    "uint8_rule",
    "checkpoint_step",
    "checkpoint_iterations",
    "checkpoint_sha256",
    "weak_checkpoint_step",
    "weak_checkpoint_sha256",
    "trained_with_routing",
    "training_seed",
    "autoencoder_sha256",
    "linear_gmacs",
    "gmacs",
    "dtype",
)
# Recorded in every file of samples; files of a block may be drawn on several machines or days.
CIRCUMSTANCES = ("device", "git_commit", "python", "torch")


def evaluation_rows(
    paths: list[Path], reference_path: Path, preview: int | None = None
) -> list[dict]:
    """The rows of the samples whose features lie in ``paths``: one per seed block, each block's
    shards in the order of their samples.

    Real images have no seed or guidance; those columns stay empty. With ``preview``, the FID of
    each block's first so many samples is a column, too.

    Raises:
        BadInput: the shards of a block are of different cells, or out of order, or reference and
            shards were made with different extractors.
    """
    shards, descriptions = zip(*map(read_features, paths))
    reference, about = read_reference(reference_path)
    check_same_extractor([*paths, reference_path], [*descriptions, about])
    measured_with = {
        "evaluator": about["extractor"],
        "reference": sha256_of(reference_path)[:12],
    }
    blocks = {}
    for path, shard, description in zip(paths, shards, descriptions):
        source = description["source"]
        blocks.setdefault(source.get("seed"), []).append((path, shard, source))
    return [_row(block, reference, preview, measured_with) for block in blocks.values()]


def _row(block, reference, preview, measured_with):
    paths, shards, sources = zip(*block)
    return {
        "samples": sum(len(shard["pool"]) for shard in shards),
        **score(shards, reference),
        **_preview(shards, reference, preview),
        **provenance(paths, sources, measured_with),
    }


def provenance(
    paths: Sequence[Path], sources: Sequence[Mapping], measured_with: Mapping[str, str]
) -> dict:
    """The columns of a block that say how its samples were drawn and what measured them.

    Args:
        paths: its files, for messages.
        sources: the descriptions of its files of samples, in the order of the samples.
        measured_with: the columns that name the evaluator.

    Raises:
        BadInput: the files are of different cells, or out of order.
    """
    check_shards(paths, sources)
    spec = sources[0].get("guidance") or {}
    return {
        "guidance": json.dumps(spec) if spec else None,
        **{key: _as_text(spec.get(key)) for key in HYPERPARAMETERS},
        **{key: sources[0].get(key) for key in SHARED},
        **{key: _distinct_values(sources, key) for key in CIRCUMSTANCES},
        **measured_with,
        "wall_seconds": round(sum(source.get("wall_seconds", 0) for source in sources), 3),
    }


def check_shards(paths: Sequence[Path], sources: Sequence[Mapping]) -> None:
    """Raises BadInput where files of samples, with these descriptions, are of different cells or
    out of order."""
    end = None
    for path, source in zip(paths, sources):
        for key in ("guidance", *SHARED):
            if source.get(key) != sources[0].get(key):
                raise BadInput(
                    f"{path}: its {key} is not that of {paths[0]}; give one cell's shards"
                )
        if "indices" in source:
            first, last = source["indices"]
            if end is not None and first != end:
                raise BadInput(
                    f"{path}: begins at sample {first}, but {end} is next; order the shards"
                )
            end = last


def _preview(shards, reference, samples):
    if samples is None:
        return {}
    pool = torch.cat([shard["pool"] for shard in shards])[:samples]
    return {
        "preview_samples": len(pool),
        "preview_fid": frechet_distance_to(reference, "pool", [pool]),
    }


def _distinct_values(sources, key):
    values = dict.fromkeys(source[key] for source in sources if key in source)
    return "; ".join(values) or None


def _as_text(value):
    """A schedule as JSON; a number as it is."""
    return json.dumps(value) if isinstance(value, dict) else value
