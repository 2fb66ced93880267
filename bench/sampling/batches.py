"""Batches whose rows do not depend on how many there are."""

from __future__ import annotations

import torch

# On a CPU, matrix kernels work on blocks of rows, and a block that is not full is summed in
# another order. Batches are padded to whole blocks, so that a sample comes out the same to the
# last bit in any batch; on a GPU it is the same up to rounding.
CPU_ROWS = 16


def fill_blocks(rows: list[int], device: torch.device) -> list[int]:
    """``rows`` with the last one repeated until their number fills the CPU's blocks."""
    padding = -len(rows) % CPU_ROWS if device.type == "cpu" else 0
    return rows + [rows[-1]] * padding
