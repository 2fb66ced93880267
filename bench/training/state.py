"""The state from which a killed run goes on as if nothing had happened.

There is no generator state to keep: every draw of step n comes from a stream of (seed, n). Weights
that are shared out are written as wholes, so that any number of processes can go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from bench.errors import BadInput
from bench.files.tensors import open_tensors, write_tensors
from bench.training.distributed import World
from bench.training.ema import EMA
from bench.training.identity import is_of_run
from bench.training.sharding import gather_on_first, part_like

KIND = "training state"
# Of AdamW two, of Muon one.
MOMENTS = ("exp_avg", "exp_avg_sq", "momentum")


def save_state(
    path: Path, step: int, model: nn.Module, ema: EMA, optimizer, settings: Mapping, world: World
) -> None:
    """Writes weights, averages, the optimizer's moments and the step, atomically; every rank calls
    this, and the first one writes."""
    tensors = gather_on_first(_tensors(model, ema, optimizer), world)
    if world.is_first:
        write_tensors(path, tensors, {"kind": KIND, "step": step, "settings": settings})


def load_state(path: Path, model: nn.Module, ema: EMA, optimizer, settings: Mapping) -> int:
    """Restores a state of `save_state`; returns the step that was reached, 0 without a file.

    Raises:
        BadInput: the state belongs to a run with other settings, or the file is damaged.
    """
    if not path.exists():
        return 0
    # One tensor at a time: the processes of a machine would otherwise fill its memory together.
    with open_tensors(path, KIND) as (file, description), torch.no_grad():
        if not is_of_run(description["settings"], settings):
            raise BadInput(
                f"{path}: an unfinished run with other settings or other data lies here; finish it "
                f"with those, or remove {path.parent} to train anew"
            )
        step, names = description["step"], set(file.names)
        for name, parameter in model.named_parameters():
            for key, current in (("model", parameter), ("ema", ema.weights[name])):
                current.copy_(part_like(file.tensor(f"{key}.{name}"), current))
            moments = {
                moment: part_like(file.tensor(f"{moment}.{name}"), parameter)
                for moment in MOMENTS
                if f"{moment}.{name}" in names
            }
            if "exp_avg" in moments:
                device = _step_device(optimizer, parameter)
                moments = {"step": torch.tensor(float(step), device=device), **moments}
            if moments:
                optimizer.state[parameter] = moments
    return step


def _tensors(model, ema, optimizer) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in model.named_parameters():
        yield f"model.{name}", parameter
        yield f"ema.{name}", ema.weights[name]
        for moment, value in _moments(optimizer, parameter).items():
            yield f"{moment}.{name}", value


def _moments(optimizer, parameter):
    """The optimizer's moments; there are none of a parameter that no step has used, such as the
    mask token of a model that masks nothing."""
    state = optimizer.state.get(parameter, {})
    return {moment: state[moment] for moment in MOMENTS if moment in state}


def _step_device(optimizer, parameter):
    """Fused AdamW counts its steps on the device, the others on the CPU."""
    return parameter.device if optimizer.defaults["fused"] else "cpu"
