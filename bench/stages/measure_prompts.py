"""The samples of a cell of a scale with prompts, and their scores, in one process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pandas as pd
import torch

from bench.config.evaluation import REAL
from bench.config.scale import Scale
from bench.data.prompted import block_prompts
from bench.data.shapes.renders import renders
from bench.errors import BadInput
from bench.evaluation.prompt_scores import PromptScores
from bench.evaluation.rows import provenance
from bench.files.atomic import write_text
from bench.files.tensors import read_tensors
from bench.results import Results
from bench.sampling.models import load_models
from bench.seeds import generator
from bench.stages.measure import Weights
from bench.stages.sample import KIND, write_samples


@dataclass(frozen=True)
class PromptMeasurement:
    """What all cells of a scale are measured with: the text states of the prompts, the scores, and
    the device that samples are drawn on."""

    text_states: Path
    scores: PromptScores
    device: str


def measure_cell(
    scale: Scale,
    cell: tuple[str, str],
    spec: Mapping,
    weights: Weights,
    measured_with: PromptMeasurement,
    results: Results,
) -> list[dict]:
    """Writes the samples of every seed block of a cell, and returns a row for each block.

    Args:
        cell: run and method.
        spec: of the guidance.
        results: the layout that the samples are written into.

    Raises:
        BadInput: as `load_models` and `write_samples`; the scale's prompts are not of the shapes
            world; or the text states are not those of its prompts.
    """
    _check_rendered(scale)
    measurement, rows = scale.measurement, []
    prompts = block_prompts(scale, "test")
    load = cache(
        partial(
            load_models,
            autoencoder=None,
            device=measured_with.device,
            prompts=measured_with.text_states,
        )
    )
    for seed, paths in zip(measurement.seeds, weights.of_blocks(len(measurement.seeds))):
        models, shards = load(*paths), []
        if models.prompts.captions != [metadata["prompt"] for metadata in prompts]:
            raise BadInput(
                f"{measured_with.text_states}: of other prompts than {scale.name}'s test"
            )
        for first, end in measurement.shards:
            shards.append(results.shard(*cell, seed, first, end))
            write_samples(shards[-1], models, spec, scale.sampling, seed, range(first, end))
        rows.append(_row(shards, prompts, measured_with.scores))
    return rows


def bound_rows(scale: Scale, scores: PromptScores) -> list[dict]:
    """The ceiling, renders of the prompts, and the floor, the same renders under each other's
    prompts: what the scores are for perfect images and for good images by chance.

    Raises:
        BadInput: the scale's prompts are not of the shapes world.
    """
    _check_rendered(scale)
    prompts, seed = block_prompts(scale, "test"), scale.text.seed
    images = renders(prompts, seed)
    order = torch.randperm(len(prompts), generator=generator(seed, "condition"))
    asked = {"renders": prompts, "shuffled": [prompts[index] for index in order.tolist()]}
    return [
        {
            "run": REAL[0],
            "method": name,
            "samples": len(images),
            **scores(images, of),
            **scores.measured_with,
        }
        for name, of in asked.items()
    ]


def write_rows(rows: list[dict], names: Mapping[str, str], out: Path) -> None:
    """Writes rows with the columns ``names`` before them."""
    write_text(out, pd.DataFrame([{**names, **row} for row in rows]).to_csv(index=False))


def _check_rendered(scale):
    if scale.dataset != "shapes":
        raise BadInput(f"{scale.name}: has no renders; only prompts of the shapes world have them")


def _row(paths, prompts, scores):
    tensors, sources = zip(*(read_tensors(path, KIND, ("images", "prompts")) for path in paths))
    images = torch.cat([shard["images"] for shard in tensors])
    return {
        "samples": len(images),
        **scores(images, prompts),
        **provenance(paths, sources, scores.measured_with),
    }
