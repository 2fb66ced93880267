"""The objective over a grid of hyperparameters, for figures and claims; no search learns of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from bench.files.atomic import write_text
from bench.tuning.block import TuningBlock


def grid(points: Sequence[Mapping], block: TuningBlock, out: Path) -> None:
    """Writes a row per spec.

    Every row also has the number of the unguided model on the same samples (unguided_fid, or
    unguided_preference), so that a reader can tell the points that gain from those that harm.
    """
    rows = [
        {**block.measure(spec), **block.unguided}
        for spec in tqdm(points, unit="point", disable=None)
    ]
    write_text(out, pd.DataFrame(rows).to_csv(index=False))
