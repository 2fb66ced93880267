"""Several processes that train one model, each on its own device and its own part of every batch.

    torchrun --standalone --nproc-per-node=8 -m -- bench train --config ...

starts them (the -- keeps torchrun from reading --run as its own --run-path). Its environment gives
each process its place (WORLD_SIZE, RANK, LOCAL_RANK) and their meeting point; without it there is
a world of one, and no process group.

DistributedDataParallel averages the gradients of weights that every process has. Of SiT-XL/2 these
weights, their gradients, AdamW's moments and the fp32 average take 13.5 GB; of TR-DiT-2.5B, the
largest model, 48.5 GB, which `training.sharding: fsdp` shares out (bench/training/sharding.py).
accelerate would be one more dependency around the same classes.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from bench.errors import BadInput


@dataclass(frozen=True)
class World:
    """The processes of a training, as one of them sees them."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def is_first(self) -> bool:
        """Tells if this rank is the one that writes files and messages."""
        return self.rank == 0

    @property
    def device(self) -> str | None:
        """The GPU that is this rank's among those of its machine; None: nothing to share out."""
        return f"cuda:{self.local_rank}" if self.size > 1 and torch.cuda.is_available() else None

    def part(self, batch: int) -> slice:
        """This rank's samples of a batch that splits evenly."""
        share = batch // self.size
        return slice(self.rank * share, (self.rank + 1) * share)

    def replicate(self, module: nn.Module, **options) -> nn.Module:
        """``module``, whose gradients become the mean over the ranks in every backward pass."""
        if self.size == 1:
            return module
        return DistributedDataParallel(module, gradient_as_bucket_view=True, **options)

    def mean(self, value: Tensor) -> Tensor:
        """The mean of each rank's ``value``."""
        total = value.clone()
        if self.size > 1:
            distributed.all_reduce(total)
        return total / self.size

    def any(self, value: object) -> bool:
        """Tells, on every rank, if the value of one of them is true."""
        return bool(self.mean(torch.tensor(float(bool(value)))) > 0)

    def gather(self, value) -> list:
        """Each rank's ``value``, on every rank, once all of them have come here."""
        if self.size == 1:
            return [value]
        values = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    @contextmanager
    def agreement(self) -> Iterator[None]:
        """A block that every rank passes, or none: no rank goes on before all have come to its
        end. Inside of it nothing may wait for another rank.

        Raises:
            BadInput, OSError: on rank 0, whichever rank it happened on; the others end silently.
        """
        problem = None
        try:
            yield
        except (BadInput, OSError) as error:
            problem = error
        for found in self.gather(problem):
            if found is not None:
                self._end(found)

    def _end(self, problem):
        if self.size > 1:
            # Rank 0 leaves the group as it exits, after it has spoken, and that ends the waiting
            # of the others: torchrun stops all ranks when the first one is gone.
            atexit.register(distributed.destroy_process_group)
        if self.is_first:
            raise problem
        with suppress(RuntimeError):
            self.gather(None)
        raise SystemExit(2)


ALONE = World()


@contextmanager
def torchrun_world() -> Iterator[World]:
    """The world that torchrun's environment describes.

    Raises:
        BadInput: the environment names a world but not this process's place in it.
    """
    size = int(os.environ.get("WORLD_SIZE") or 1)
    if size == 1:
        yield ALONE
        return
    for name in ("RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        if name not in os.environ:
            raise BadInput(f"{name}: missing beside WORLD_SIZE={size}; torchrun sets all of them")
    world = World(int(os.environ["RANK"]), size, int(os.environ["LOCAL_RANK"]))
    if torch.cuda.is_available():
        distributed.init_process_group("cpu:gloo,cuda:nccl")
    else:
        distributed.init_process_group("gloo")
    yield world
    distributed.destroy_process_group()
