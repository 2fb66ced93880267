"""The conversion of published weights into a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.errors import BadInput
from bench.models import from_official
from bench.models.checkpoints import save_checkpoint
from bench.models.published import read_published


def convert(
    kind: str,
    weights: Path,
    arguments: Mapping,
    run: str,
    dataset: str,
    iterations: int,
    out: Path,
) -> int:
    """Writes the checkpoint of published weights; returns the number of its parameters.

    Args:
        kind: the official code that the weights are of, as in `bench.models.from_official`.
        arguments: those of the official constructor.
        run, dataset, iterations: what the checkpoint says of its training.

    Raises:
        BadInput: the file is damaged, or its weights do not fit the model.
    """
    published = read_published(weights)
    try:
        model = from_official(kind, published, **arguments)
    except BadInput as error:
        raise error.in_file(weights) from None
    description = {
        "run": run,
        "dataset": dataset,
        "step": iterations,
        "iterations": iterations,
        "converted_from": weights.name,
    }
    save_checkpoint(out, model, model.state_dict(), description)
    return sum(parameter.numel() for parameter in model.parameters())
