"""The rows of a cell whose samples were drawn for GenEval's prompts, and for HPSv3's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.config.scale import Scale
from bench.data.prompted import geneval_prompts
from bench.errors import BadInput
from bench.evaluation.geneval_scores import metrics_columns
from bench.evaluation.rows import provenance
from bench.files.csv_rows import read_rows
from bench.files.tensors import read_tensors
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
        BadInput: as `evaluate_images`; the files are of different cells, or out of order; or
            HPSv3's row is none.
    """
    scored = _row_of_hpsv3(block.hpsv3) if block.hpsv3 else NOT_SCORED
    prompts = geneval_prompts(scale)
    sources = [read_tensors(path, KIND, ("images", "prompts"))[1] for path in block.samples]
    samples = sum(end - first for first, end in (source["indices"] for source in sources))
    if samples != scale.measurement.samples:
        raise BadInput(
            f"{block.samples[0]}: its block has {samples} samples, and measurement.samples is "
            f"{scale.measurement.samples}"
        )
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


def _row_of_hpsv3(path):
    rows = read_rows(path, *NOT_SCORED).to_dict("records")
    if len(rows) != 1:
        raise BadInput(f"{path}: holds {len(rows)} rows, not HPSv3's one of a block")
    return rows[0]
