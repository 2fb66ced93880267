"""Weights that are shared out over the processes of a training, by FSDP (arXiv 2304.11277).

Each process keeps a part of every weight, cut along its first dimension, and so of its gradient,
its average and its moments. A layer's whole weights are gathered while it computes, and its
gradients are averaged over the processes as they are cut again, in every micro batch. In bf16 the
matrices' casts, 2 bytes a weight, are whole from the forward to the backward pass of a micro batch.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from bench.training.distributed import World


def shard(model: nn.Module, device: torch.device, world: World) -> None:
    """Shares the weights of a model, the same on every rank, out over a world of several, in place;
    every rank calls this. Stacked layers are gathered one at a time, the other weights together."""
    mesh = init_device_mesh(device.type, (world.size,))
    stacks = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    for layer in (layer for stack in stacks for layer in stack):
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor that may be shared out; every rank calls this."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def part_like(tensor: Tensor, like: Tensor) -> Tensor:
    """What this rank keeps of a whole tensor, shared out and placed as ``like`` is."""
    tensor = tensor.to(like.device)
    if not isinstance(like, DTensor):
        return tensor
    # Every rank has the whole tensor: there is nothing to send.
    return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)


def gather_on_first(tensors: Iterable[tuple[str, Tensor]], world: World) -> dict[str, Tensor]:
    """Named tensors as wholes on the first rank, none on the others; every rank calls this. Those
    that were shared out may be more than a device holds: their wholes lie in main memory."""
    found = {}
    for name, tensor in tensors:
        gathered = whole(tensor.detach())
        if world.is_first:
            found[name] = gathered.cpu() if isinstance(tensor, DTensor) else gathered
    return found
