"""The same samples at several strengths of guidance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from bench.config.sampling import SamplingConfig
from bench.data.conditions import concatenate
from bench.files.tensors import write_tensors
from bench.guidance import build
from bench.progress import Progress
from bench.sampling.models import Models
from bench.sampling.sampler import sample

KIND = "omega sweep"
SAMPLES = 6


def write_omega_sweep(
    out: Path,
    models: Models,
    spec: Mapping,
    omegas: Sequence[float],
    settings: SamplingConfig,
    seed: int,
) -> None:
    """Draws the first samples of the block ``seed`` once for every omega, from the same noise.

    Writes images uint8 [omegas, N, C, H, W] and the conditions [N].

    Raises:
        BadInput: the models cannot be guided so.
    """
    progress, swept = Progress(len(omegas), "omega"), []
    for omega in omegas:
        guidance = build({**spec, "omega": omega})
        models.check(guidance, settings)
        source = models.conditions(settings)
        batches = list(
            sample(models.networks, guidance, settings, source, seed, range(SAMPLES), models.decode)
        )
        swept.append(torch.cat([batch.images for batch in batches]))
        progress.add()
    conditions = concatenate([batch.conditions for batch in batches])
    tensors = {"images": torch.stack(swept), **conditions.tensors}
    write_tensors(out, tensors, {"kind": KIND, "guidance": dict(spec), "omegas": list(omegas)})
