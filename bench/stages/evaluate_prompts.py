"""The rows of a cell whose samples were drawn for GenEval's prompts, and for HPSv3's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from bench.config.scale import Scale
from bench.data.geneval_images import image_path, read_prompt_image
from bench.data.prompted import geneval_prompts
from bench.errors import BadInput
from bench.evaluation.geneval_scores import metrics_columns
from bench.evaluation.rows import provenance
from bench.files.csv_rows import read_rows
from bench.files.tensors import open_tensors, read_description
from bench.stages.geneval import evaluate_images
from bench.stages.sample import KIND

# What is taken of HPSv3's row.
NOT_SCORED = {"overall": None, "overall_se": None, "evaluator": None}


@dataclass(frozen=True)
class PromptedBlock:
    """A seed block of a cell.

    Attributes:
        samples: its files, in the order of the samples.
        images: the same samples in GenEval's layout.
        hpsv3: the row that HPSv3 gave the block's samples of its own prompts; None on a scale
            without it.
    """

    samples: Sequence[Path]
    images: Path
    hpsv3: Path | None = None


def evaluate_block(
    scale: Scale, block: PromptedBlock, detector: Path, clip: Path, device: str, out: Path
) -> dict:
    """The row of a seed block in metrics.csv; GenEval's own row goes to ``out``, and its verdict on
    each image beside it.

    The preference is HPSv3's overall score; without HPSv3 its columns and its evaluator are empty.

    Raises:
        BadInput: as `evaluate_images`; the files are of different cells, or out of order; the
            images are not those of the samples; or HPSv3's row is none.
    """
    scored = _row_of_hpsv3(block.hpsv3) if block.hpsv3 else NOT_SCORED
    prompts = geneval_prompts(scale)
    sources = [read_description(path, KIND) for path in block.samples]
    samples = sum(end - first for first, end in (source["indices"] for source in sources))
    if samples != scale.measurement.samples:
        raise BadInput(
            f"{block.samples[0]}: its block has {samples} samples, and measurement.samples is "
            f"{scale.measurement.samples}"
        )
    _check_images(block)
    found = evaluate_images(
        block.images,
        scale.geneval.prompts_path,
        samples // len(prompts),
        str(detector),
        clip,
        device,
        out,
    )
    return {
        "samples": samples,
        "preference": scored["overall"],
        "preference_se": scored["overall_se"],
        **metrics_columns(found),
        **provenance(
            block.samples,
            sources,
            {"evaluator": scored["evaluator"], "detector": found["detector"]},
        ),
    }


def _check_images(block):
    """The layout has no place for a hash; the first sample tells cells and seeds apart."""
    with open_tensors(block.samples[0], KIND) as (file, _):
        pixels, rows = (file.slice(name)[:1] for name in ("images", "prompts"))
    shown = read_prompt_image(image_path(block.images, rows.item(), 0))
    if not torch.equal(shown, pixels[0]):
        raise BadInput(
            f"{block.images}: holds other images than {block.samples[0]}; make it of these samples"
        )


def _row_of_hpsv3(path):
    rows = read_rows(path, *NOT_SCORED).to_dict("records")
    if len(rows) != 1:
        raise BadInput(f"{path}: holds {len(rows)} rows, not HPSv3's one of a block")
    return rows[0]
