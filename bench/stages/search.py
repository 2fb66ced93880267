"""The search for a method's hyperparameters: few samples of one seed block per candidate."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from bench.config.evaluation import Tuning
from bench.config.sampling import SamplingConfig
from bench.cost import guided_macs
from bench.evaluation.extractor import PoolExtractor
from bench.evaluation.reference import Reference
from bench.evaluation.score import frechet_distance_to
from bench.files.atomic import write_text
from bench.guidance import build
from bench.sampling.models import Models
from bench.sampling.sampler import sample


def search(
    candidates: Sequence[Mapping],
    models: Models,
    sampling: SamplingConfig,
    tuning: Tuning,
    extractor: PoolExtractor,
    reference: Reference,
    out: Path,
) -> None:
    """Writes a row per candidate spec: the spec, its FID and its cost.

    Every row also has the FID of the unguided model on the same samples (unguided_fid), so that a
    reader of the search can tell the candidates that gain from those that harm.
    """
    unguided = _fid(build({"method": "unguided"}), models, sampling, tuning, extractor, reference)
    rows = []
    for spec in tqdm(candidates, unit="candidate", disable=None):
        guidance = build(spec)
        models.check(guidance, sampling)
        start = time.perf_counter()
        fid = _fid(guidance, models, sampling, tuning, extractor, reference)
        macs = guided_macs(guidance, models.configs, sampling)
        rows.append(
            {
                "guidance": json.dumps(spec),
                "fid": fid,
                "unguided_fid": unguided,
                "linear_gmacs": macs.linear / 1e9,
                "samples": tuning.samples,
                "seed": tuning.seed,
                "wall_seconds": round(time.perf_counter() - start, 3),
            }
        )
    write_text(out, pd.DataFrame(rows).to_csv(index=False))


def _fid(guidance, models, sampling, tuning, extractor, reference):
    """The FID of the tuning block under a guidance method."""
    batches = sample(
        models.networks,
        guidance,
        sampling,
        models.conditions(sampling),
        tuning.seed,
        range(tuning.samples),
        decode=models.decode,
    )
    images = torch.cat([batch.images for batch in batches])
    return frechet_distance_to(reference, "pool", [extractor.pool(images)])
