"""The samples of a whole cell and their features, in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from bench.config.scale import Scale
from bench.errors import BadInput
from bench.evaluation.extractor import Extractor
from bench.results import Results
from bench.sampling.models import load_models
from bench.stages.features import extract, samples
from bench.stages.sample import write_samples


@dataclass(frozen=True)
class Weights:
    """The checkpoints of a cell, one for every seed block, or one for all of them.

    Attributes:
        main: those that are sampled from.
        weak: earlier ones, where the method evaluates them.
    """

    main: Sequence[Path]
    weak: Sequence[Path] = ()

    def of_blocks(self, blocks: int) -> list[tuple[Path, Path | None]]:
        """The checkpoint and the weak checkpoint of each block.

        Raises:
            BadInput: there are neither as many as blocks nor one.
        """
        for option, paths in (("--checkpoints", self.main), ("--weak-checkpoints", self.weak)):
            if paths and len(paths) not in (1, blocks):
                raise BadInput(f"{option}: {len(paths)} files for {blocks} seed blocks")
        main = [*self.main] * (blocks // len(self.main))
        weak = [*self.weak] * (blocks // len(self.weak)) if self.weak else [None] * blocks
        return list(zip(main, weak))


def draw(
    scale: Scale,
    cell: tuple[str, str],
    spec: Mapping,
    weights: Weights,
    extractor: Extractor,
    results: Results,
    device: str,
) -> list[Path]:
    """Writes the samples of every seed block of a cell, and their features; returns the paths of
    the features.

    Args:
        cell: run and method.
        spec: of the guidance.
        results: the layout that the files are written into.

    Raises:
        BadInput: as `load_models` and `write_samples`.
    """
    measurement, features = scale.measurement, []
    # Blocks that share a checkpoint load it once.
    load = cache(partial(load_models, autoencoder=None, device=device))
    for seed, paths in zip(measurement.seeds, weights.of_blocks(len(measurement.seeds))):
        for first, end in measurement.shards:
            shard = results.shard(*cell, seed, first, end)
            write_samples(shard, load(*paths), spec, scale.sampling, seed, range(first, end))
            features.append(results.features(*cell, seed, first, end))
            extract([partial(samples, shard)], extractor, [features[-1]])
    return features
