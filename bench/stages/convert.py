"""The conversion of published weights into a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bench.errors import BadInput, one_line
from bench.models import from_official
from bench.models.checkpoints import save_checkpoint
from bench.models.published import LAST, read_section


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

    Of a training state without a moving average the weights of its last step are taken; that is
    said on standard error, and the checkpoint's description has "section": "model" for it.

    Args:
        kind: the official code that the weights are of, as in `bench.models.from_official`.
        arguments: those of the official constructor.
        run, dataset, iterations: what the checkpoint says of its training.

    Raises:
        BadInput: the file is damaged, or its weights do not fit the model.
    """
    published, section = read_section(weights)
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
        "section": section,
    }
    if section == LAST:
        note = "holds no moving average (ema); the weights of its last step are taken"
        print(one_line(f"note: {weights}: {note}"), file=sys.stderr)
    save_checkpoint(out, model, model.state_dict(), description)
    return sum(parameter.numel() for parameter in model.parameters())
