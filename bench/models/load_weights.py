"""Puts published weights into a model, all of them and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from bench.errors import BadInput
from bench.models.velocity_model import VelocityModel


def load_weights(
    model: VelocityModel, weights: Mapping[str, Tensor], own: Sequence[str] = ()
) -> None:
    """Loads weights, and leaves the model in evaluation mode, without gradients.

    Args:
        own: names in the model's state that published weights have nothing for.

    Raises:
        BadInput: weights that are missing, left over, of another size or not finite.
    """
    ours = {name: value for name, value in model.state_dict().items() if name not in own}
    _check_names(ours, weights)
    for name, value in ours.items():
        _check_value(name, value, weights[name])
    model.load_state_dict(weights, strict=False)
    model.eval().requires_grad_(False)


def _check_names(ours, weights):
    missing = [name for name in ours if name not in weights]
    left_over = [name for name in weights if name not in ours]
    for names, what in ((missing, "lack"), (left_over, "have beyond the model")):
        if names:
            raise BadInput(f"the weights {what} {', '.join(names[:3])} ({len(names)} in all)")


def _check_value(name, ours, theirs):
    if theirs.shape != ours.shape:
        raise BadInput(
            f"{name}: the weights have {list(theirs.shape)}, the model {list(ours.shape)}; is the "
            "configuration that of the weights?"
        )
    if not theirs.isfinite().all():
        raise BadInput(f"{name}: the weights hold values that are not finite")
