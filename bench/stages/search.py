"""The search for a method's hyperparameters: a number of candidates that is the same for all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from bench.config.methods import Method
from bench.files.atomic import write_text
from bench.tuning.block import TuningBlock
from bench.tuning.journal import Journal
from bench.tuning.proposals import Measured, propose


def search(method: Method, block: TuningBlock, out: Path, chosen: Path) -> pd.Series:
    """Writes a row per candidate, in the order of the search, and the best spec by the
    block's objective (the first one of several) as JSON; returns its row.

    A search that is cut off goes on after its last candidate when it is called again.

    Raises:
        BadInput: a candidate cannot be evaluated with these checkpoints.
    """
    journal = Journal(out.with_name(f".{out.name}.journal"), _identity(method, block))
    tuning = block.tuning
    progress = tqdm(total=tuning.candidates, initial=len(journal.rows), disable=None)
    while len(journal.rows) < tuning.candidates:
        measured = [_read(method, block, row) for row in journal.rows]
        values = propose(method, measured, tuning.candidates, tuning.seed)
        if values is None:
            break
        journal.add(block.measure(method.spec(values)))
        progress.update()
    rows = pd.DataFrame(journal.rows)
    best = rows.loc[rows[block.objective.column].map(block.objective.loss).idxmin()]
    write_text(out, rows.to_csv(index=False))
    write_text(chosen, best["guidance"] + "\n")
    journal.remove()
    return best


def _read(method, block, row):
    spec = json.loads(row["guidance"])
    loss = block.objective.loss(row[block.objective.column])
    return Measured({key: spec[key] for key in method.search}, loss)


def _identity(method, block):
    """All that the rows of a search depend on."""
    models = block.models
    return {
        "method": asdict(method),
        "sampling": asdict(block.sampling),
        "tuning": asdict(block.tuning),
        "checkpoints": {role: found.sha256 for role, found in models.checkpoints.items()},
        "autoencoder": models.autoencoder.sha256 if models.autoencoder else None,
        **block.objective.identity,
    }
