"""Results made up for the tests."""

from __future__ import annotations

import pandas as pd
import pytest

FIDS = {
    ("routed", "unguided"): 5.0,
    ("routed", "cfg"): 3.0,
    ("routed", "autoguidance"): 3.01,
    ("routed", "mine"): 4.0,
    ("routed", "sparse_guidance"): 2.0,
    ("routed", "sparse_guidance_fid"): 1.0,
    ("masked", "cfg"): 6.0,
    ("masked", "sparse_guidance"): 7.0,
    ("real", "train"): 0.1,
}
COSTS = {"unguided": 1.0, "cfg": 2.0, "autoguidance": 2.0}


@pytest.fixture
def results(tmp_path):
    rows = []
    for (run, method), fid in FIDS.items():
        # Real images have no seed, and so one row.
        for seed in (1, 2, 3) if run != "real" else (None,):
            row = {"run": run, "method": method, "seed": seed, "samples": 1000}
            row |= {"fid": fid + 0.1 * (seed or 0)}
            row |= {"sfid": 1.0, "is": 2.0, "precision": 0.5, "recall": 0.5, "kid": 0.0}
            row |= {"checkpoint_iterations": 100, "weak_checkpoint_step": None}
            row |= {"evaluator": "classifier 0123456789ab"}
            rows.append({**row, "linear_gmacs": COSTS.get(method, 1.5), "steps": 20})
    pd.DataFrame(rows).to_csv(tmp_path / "metrics.csv", index=False)
    return tmp_path


def add_cell(results, run, method, like, fid=0.0, **columns):
    """Adds rows that are another cell's with a FID higher by ``fid``, and other columns."""
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    copy = rows[(rows["run"] == like[0]) & (rows["method"] == like[1])]
    copy = copy.assign(run=run, method=method, fid=copy["fid"] + fid, **columns)
    pd.concat([rows, copy]).to_csv(path, index=False)
