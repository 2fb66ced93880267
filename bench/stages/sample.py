"""Draws samples and writes them with everything that they depend on in the header."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from bench.config.sampling import SamplingConfig
from bench.cost import guided_macs
from bench.data.conditions import concatenate
from bench.data.pixels import UINT8_RULES
from bench.files.tensors import write_tensors
from bench.guidance import build
from bench.progress import Progress
from bench.provenance import device_name, software
from bench.sampling.models import Models
from bench.sampling.sampler import sample

KIND = "samples"


def write_samples(
    out: Path,
    models: Models,
    spec: Mapping,
    settings: SamplingConfig,
    seed: int,
    indices: Sequence[int],
) -> None:
    """Samples ``indices`` of the block ``seed`` and writes images and conditions to ``out``."""
    guidance = build(spec)
    models.check(guidance, settings)
    start = time.perf_counter()
    progress, batches = Progress(len(indices), "image"), []
    for batch in sample(
        models.networks,
        guidance,
        settings,
        models.conditions(settings),
        seed,
        indices,
        decode=models.decode,
    ):
        batches.append(batch)
        progress.add(len(batch.images))
    tensors = {
        "images": torch.cat([batch.images for batch in batches]),
        **concatenate([batch.conditions for batch in batches]).tensors,
    }
    device = str(models.networks["main"].device)
    description = {
        "kind": KIND,
        "guidance": spec,
        **dataclasses.asdict(settings),
        "seed": seed,
        "indices": [indices[0], indices[-1] + 1],
        "guided_channels": settings.guided_channels or "all",
        "uint8_rule": UINT8_RULES[settings.uint8_rule],
        **_checkpoints(models),
        **_macs(models, guidance, settings),
        "device": device_name(device),
        **software(),
        "wall_seconds": round(time.perf_counter() - start, 3),
    }
    write_tensors(out, tensors, description)


def _checkpoints(models):
    main, weak = models.checkpoints["main"], models.checkpoints.get("weak")
    return {
        "checkpoint_step": main.description["step"],
        "checkpoint_iterations": main.description["iterations"],
        "checkpoint_sha256": main.sha256,
        "weak_checkpoint_step": weak.description["step"] if weak else None,
        "weak_checkpoint_sha256": weak.sha256 if weak else None,
        "trained_with_routing": main.description.get("trained_with_routing"),
        "training_seed": (main.description.get("training") or {}).get("seed"),
        "autoencoder_sha256": models.autoencoder.sha256 if models.autoencoder else None,
        "prompts_sha256": models.prompts.sha256 if models.prompts else None,
    }


def _macs(models, guidance, settings):
    macs = guided_macs(guidance, models.configs, settings)
    return {"linear_gmacs": macs.linear / 1e9, "gmacs": macs.total / 1e9}
