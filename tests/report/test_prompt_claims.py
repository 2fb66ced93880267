"""The claims on text-to-image models, from rows made up for the purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.errors import BadInput
from bench.report.claims import read_claims, settle
from bench.report.rows import Rows
from bench.results import Results

# Preference, GenEval, MACs and seconds of a cell.
CELLS = {
    "unguided": (1.0, 0.5, 1.0, 10.0),
    "cfg": (2.0, 0.6, 2.0, 20.0),
    "sparse_guidance": (3.0, 0.65, 1.4, 14.0),
    "cfg_sparse_guidance": (2.5, 0.7, 1.5, 15.0),
}


def verdicts(folder, cells=CELLS, noise=0.001, **columns):
    """The verdicts by claim, of three replicates of each cell."""
    generator, rows = np.random.default_rng(0), []
    for method, (preference, geneval, macs, seconds) in cells.items():
        for seed in (1, 2, 3):
            row = {"run": "routed", "method": method, "seed": seed, "training_seed": seed}
            row |= {"samples": 600, "linear_gmacs": macs, "steps": 24, "evaluator": "none"}
            row |= {"checkpoint_iterations": 100, "weak_checkpoint_step": None}
            measured = {"preference": preference, "wall_seconds": seconds}
            for column in ("geneval", "geneval_position", "geneval_color_attr"):
                measured[column] = geneval
            row |= {key: value + noise * generator.normal() for key, value in measured.items()}
            rows.append(row | columns)
    pd.DataFrame(rows).to_csv(folder / "metrics.csv", index=False)
    settled = settle(Results(folder)).set_index("id")
    return settled["verdict"].to_dict(), settled


def test_they_hold_where_they_hold(tmp_path):
    found, settled = verdicts(tmp_path)
    assert set(found) == {claim["id"] for claim in read_claims("preference")}
    assert set(found.values()) == {"reproduced"}
    faster = settled.loc["sg_throughput_above_cfg"]
    assert faster["difference_percent"] == pytest.approx(100 * (20 / 14 - 1), abs=0.2)
    assert faster["paper_difference_percent"] == pytest.approx(53.1)
    assert settled.loc["sg_preferred_to_cfg", "paper_difference_percent"] == pytest.approx(7.2)


def test_swapped_methods_reproduce_nothing(tmp_path):
    names = ("cfg", "unguided", "cfg_sparse_guidance", "sparse_guidance")
    cells = dict(zip(names, (CELLS["sparse_guidance"], CELLS["cfg_sparse_guidance"])))
    cells |= dict(zip(names[2:], (CELLS["cfg"], CELLS["unguided"])))
    found, _ = verdicts(tmp_path, cells)
    cheaper = found.pop("sg_step_cheaper_than_cfg_step")
    assert cheaper == "reproduced"
    assert "reproduced" not in found.values()


def test_a_method_that_does_nothing_earns_no_praise(tmp_path):
    idle = dict.fromkeys(("sparse_guidance", "cfg_sparse_guidance"), CELLS["unguided"])
    found, settled = verdicts(tmp_path, CELLS | idle)
    # That a step is cheap says nothing of the samples, and is counted.
    assert found.pop("sg_step_cheaper_than_cfg_step") == "reproduced"
    assert "reproduced" not in found.values()
    assert "no gain" in settled.loc["sg_throughput_above_cfg", "numbers"]


def test_nothing_is_a_percentage_of_zero(tmp_path):
    """A young model may place no object as it is told."""
    found, settled = verdicts(tmp_path, noise=0, geneval_position=0.0)
    assert found["cfg_sg_above_cfg_on_position"] == "tie"
    assert found["cfg_sg_above_cfg_on_geneval"] == "reproduced"
    effect = settled.loc["cfg_sg_above_cfg_on_position"]
    assert effect[["difference_percent", "interval_percent"]].isna().all()


def test_noise_is_a_tie(tmp_path):
    same = dict.fromkeys(CELLS, CELLS["cfg"])
    found, _ = verdicts(tmp_path, same, noise=0.01)
    assert "reproduced" not in found.values()


def test_what_was_not_measured_is_not_run(tmp_path):
    cells = {method: CELLS[method] for method in ("unguided", "cfg")}
    assert set(verdicts(tmp_path, cells)[0].values()) == {"not run"}


def test_rows_need_a_quality(tmp_path):
    verdicts(tmp_path)
    path = tmp_path / "metrics.csv"
    pd.read_csv(path).drop(columns=["preference", "geneval"]).to_csv(path, index=False)
    with pytest.raises(BadInput, match="lacks the column fid or preference or geneval"):
        Rows(path)


def test_without_a_preference_score_geneval_tells_the_gain(tmp_path):
    """Claims on the preference are not run; the others stand, where GenEval sees a gain."""
    found, _ = verdicts(tmp_path, preference=None)
    unsettled = {claim for claim, verdict in found.items() if verdict == "not run"}
    assert unsettled == {"sg_preferred_to_cfg", "sg_preferred_to_unguided"}
    assert {verdict for claim, verdict in found.items() if claim not in unsettled} == {"reproduced"}
    idle = {**CELLS, "unguided": (1.0, 0.9, 1.0, 10.0)}
    found, _ = verdicts(tmp_path, idle, preference=None)
    assert found["cfg_sg_above_cfg_on_geneval"] == "not reproduced"
