"""The rows of a cell whose samples were drawn for GenEval's prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.config.scale import Scale
from bench.data.prompted import geneval_prompts
from bench.errors import BadInput
from bench.evaluation.geneval_scores import metrics_columns
from bench.evaluation.rows import provenance
from bench.files.tensors import read_tensors
from bench.stages.geneval import evaluate_images
from bench.stages.sample import KIND


@dataclass(frozen=True)
class PromptedBlock:
    """A seed block of a cell.

    Attributes:
        samples: its files, in the order of the samples.
        images: the same samples in GenEval's layout.
    """

    samples: Sequence[Path]
    images: Path


def evaluate_block(
    scale: Scale, block: PromptedBlock, detector: Path, clip: Path, device: str, out: Path
) -> dict:
    """The row of a seed block in metrics.csv; GenEval's own row goes to ``out``, and its verdict on
    each image beside it.

    No preference score is measured: its columns and its evaluator are empty.

    Raises:
        BadInput: as `evaluate_images`; or the files are of different cells, or out of order.
    """
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
        "preference": None,
        "preference_se": None,
        **metrics_columns(found),
        **provenance(block.samples, sources, {"evaluator": None, "detector": found["detector"]}),
    }
