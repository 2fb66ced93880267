"""The conversion of published weights into a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.data.text_states import TextStates
from bench.errors import BadInput, one_line
from bench.models import VelocityModel, from_official
from bench.models.checkpoints import save_checkpoint
from bench.models.published import LAST, read_section


@dataclass(frozen=True)
class Origin:
    """What a checkpoint says of the training of published weights.

    Attributes:
        run, dataset, iterations: as of a training here.
        trained_with_routing: "true", "false" or, where nobody says it, "unknown".
    """

    run: str
    dataset: str
    iterations: int
    trained_with_routing: str = "unknown"


def convert(
    kind: str,
    weights: Path,
    arguments: Mapping,
    origin: Origin,
    out: Path,
    text_states: Path | None = None,
) -> int:
    """Writes the checkpoint of published weights; returns the number of its parameters.

    Args:
        kind: the official code that the weights are of, as in `bench.models.from_official`, or
            "prx", as in `bench.models.published_prx.from_diffusers`.
        weights: a file; for "prx", a folder.
        arguments: those of the official constructor.
        text_states: for "prx", of the text encoder that it was trained with; their empty caption
            is what the model is asked for in the place of a prompt.

    Raises:
        BadInput: the weights are damaged, or do not fit the model.
    """
    if (kind == "prx") != (text_states is not None):
        what = "missing; prx keeps" if kind == "prx" else f"given, but {kind} does not keep"
        raise BadInput(f"--text-states: {what} the states of the empty prompt")
    if text_states:
        model, source = _read_prx(weights, arguments, TextStates(text_states))
    else:
        model, source = _read_official(kind, weights, arguments)
    description = {
        "run": origin.run,
        "dataset": origin.dataset,
        "step": origin.iterations,
        "iterations": origin.iterations,
        "converted_from": weights.name,
        "trained_with_routing": origin.trained_with_routing,
        **source,
    }
    save_checkpoint(out, model, model.state_dict(), description)
    return sum(parameter.numel() for parameter in model.parameters())


def _read_official(kind, weights, arguments) -> tuple[VelocityModel, dict]:
    """The model, and the section of the file that it is of.

    Of a training state without a moving average the weights of its last step are taken; that is
    said on standard error, and the checkpoint's description has "section": "model" for it.
    """
    published, section = read_section(weights)
    try:
        model = from_official(kind, published, **arguments)
    except BadInput as error:
        raise error.in_file(weights) from None
    if section == LAST:
        note = "holds no moving average (ema); the weights of its last step are taken"
        print(one_line(f"note: {weights}: {note}"), file=sys.stderr)
    return model, {"section": section}


def _read_prx(folder, arguments, states) -> tuple[VelocityModel, dict]:
    """The model with the empty prompt, and the identity of the text encoder."""
    # It imports diffusers, which takes seconds.
    from bench.models.published_prx import from_diffusers

    model = from_diffusers(folder, **arguments)
    model.keep_null(states.null)
    return model, {"text_encoder": states.encoder}
