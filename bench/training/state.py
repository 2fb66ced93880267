"""The state from which a killed run goes on as if nothing had happened.

There is no generator state to keep: every draw of step n comes from a stream of (seed, n).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from bench.errors import BadInput
from bench.files.tensors import read_tensors, write_tensors
from bench.training.ema import EMA
from bench.training.identity import is_of_run

KIND = "training state"
# Of AdamW two, of Muon one.
MOMENTS = ("exp_avg", "exp_avg_sq", "momentum")


def save_state(
    path: Path, step: int, model: nn.Module, ema: EMA, optimizer, settings: Mapping
) -> None:
    """Writes weights, averages, the optimizer's moments and the step, atomically."""
    tensors = {}
    for name, parameter in model.named_parameters():
        tensors[f"model.{name}"] = parameter
        tensors[f"ema.{name}"] = ema.weights[name]
        for moment, value in _moments(optimizer, parameter).items():
            tensors[f"{moment}.{name}"] = value
    write_tensors(path, tensors, {"kind": KIND, "step": step, "settings": settings})


def load_state(path: Path, model: nn.Module, ema: EMA, optimizer, settings: Mapping) -> int:
    """Restores a state of `save_state`; returns the step that was reached, 0 without a file.

    Raises:
        BadInput: the state belongs to a run with other settings, or the file is damaged.
    """
    if not path.exists():
        return 0
    tensors, description = read_tensors(path, KIND)
    if not is_of_run(description["settings"], settings):
        raise BadInput(
            f"{path}: an unfinished run with other settings or other data lies here; finish it "
            f"with those, or remove {path.parent} to train anew"
        )
    step = description["step"]
    ema.load({name: tensors[f"ema.{name}"] for name in ema.weights})
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[f"model.{name}"])
            moments = {
                moment: tensors[f"{moment}.{name}"].to(parameter.device)
                for moment in MOMENTS
                if f"{moment}.{name}" in tensors
            }
            if "exp_avg" in moments:
                device = _step_device(optimizer, parameter)
                moments = {"step": torch.tensor(float(step), device=device), **moments}
            if moments:
                optimizer.state[parameter] = moments
    return step


def _moments(optimizer, parameter):
    """The optimizer's moments; there are none of a parameter that no step has used, such as the
    mask token of a model that masks nothing."""
    state = optimizer.state.get(parameter, {})
    return {moment: state[moment] for moment in MOMENTS if moment in state}


def _step_device(optimizer, parameter):
    """Fused AdamW counts its steps on the device, the others on the CPU."""
    return parameter.device if optimizer.defaults["fused"] else "cpu"
