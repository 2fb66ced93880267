"""Verdicts are computed from the rows: other rows, other verdicts."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from bench.__main__ import main
from bench.report.claims import settle


def verdicts(results):
    return settle(results).set_index("id")["verdict"]


def change(results, run, method, column, value):
    """Sets a column of one cell, with the blocks' own spread kept."""
    path = results / "metrics.csv"
    rows = pd.read_csv(path)
    mine = (rows["run"] == run) & (rows["method"] == method)
    rows.loc[mine, column] += value - rows.loc[mine, column].mean()
    rows.to_csv(path, index=False)


def write_search(results, run, method, fid, omegas=(1.3, 1.9)):
    """A search whose FID at (omega, strong, weak) is ``fid`` of them."""
    grid = [(o, s, w) for o in omegas for s in (0.0, 0.4, 0.8) for w in (0.0, 0.4, 0.8)]
    keys = ("omega", "gamma_strong", "gamma_weak")
    rows = [{"guidance": json.dumps(dict(zip(keys, point))), "fid": fid(*point)} for point in grid]
    path = results / "tuning" / run / f"{method}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False)


def test_orders(results):
    found = verdicts(results)
    assert found["sg_beats_cfg_on_routing"] == "reproduced"
    assert found["sg_beats_cfg_on_masking"] == "not reproduced"
    assert found["sg_recall_above_cfg"] == "tie"
    assert found["sg_flops_beats_cfg"] == "not run"
    assert found["sg_fid_cheaper_than_cfg"] == "reproduced"


def test_other_rows_other_verdicts(results):
    change(results, "routed", "sparse_guidance", "fid", 3.21)
    change(results, "routed", "sparse_guidance", "recall", 0.6)
    change(results, "masked", "sparse_guidance", "fid", 5.0)
    found = verdicts(results)
    assert found["sg_beats_cfg_on_routing"] == "tie"
    assert found["sg_recall_above_cfg"] == "reproduced"
    assert found["sg_beats_cfg_on_masking"] == "reproduced"


def test_beating_all_is_no_better_than_the_hardest(results):
    rows = pd.read_csv(results / "metrics.csv")
    for method, fid in (("apg", 5.0), ("icg", 5.0), ("sparse_guidance_flops", 5.0)):
        copy = rows[rows["method"] == "autoguidance"].assign(method=method)
        rows = pd.concat([rows, copy.assign(fid=copy["fid"] - copy["fid"].mean() + fid)])
    rows.to_csv(results / "metrics.csv", index=False)
    assert verdicts(results)["sg_fid_beats_all"] == "reproduced"
    change(results, "routed", "apg", "fid", 1.2)
    assert verdicts(results)["sg_fid_beats_all"] == "tie"
    change(results, "routed", "icg", "fid", 0.5)
    assert verdicts(results)["sg_fid_beats_all"] == "not reproduced"


@pytest.mark.parametrize(
    ("fid", "verdict"), [(4.0, "reproduced"), (2.01, "tie"), (0.5, "not reproduced")]
)
def test_a_dense_model_with_sg(results, fid, verdict):
    rows = pd.read_csv(results / "metrics.csv")
    dense = rows[(rows["run"] == "routed") & rows["method"].isin(["cfg", "unguided"])].copy()
    dense["run"], dense["method"] = "dense", dense["method"].replace("cfg", "sparse_guidance")
    pd.concat([rows, dense]).to_csv(results / "metrics.csv", index=False)
    change(results, "dense", "unguided", "fid", 2.0)
    change(results, "dense", "sparse_guidance", "fid", fid)
    assert verdicts(results)["dense_model_cannot_use_sg"] == verdict


def test_rising(results):
    rows = pd.read_csv(results / "metrics.csv")
    unguided = rows[(rows["run"] == "routed") & (rows["method"] == "unguided")]
    fids = {"naive_sparsity_50": 6.0, "naive_sparsity_70": 7.0, "naive_sparsity_90": 8.0}
    more = [unguided.assign(method=method, fid=unguided["fid"]) for method in fids]
    pd.concat([rows, *more]).to_csv(results / "metrics.csv", index=False)
    for method, fid in fids.items():
        change(results, "routed", method, "fid", fid)
    assert verdicts(results)["naive_sparsity_degrades"] == "reproduced"
    change(results, "routed", "naive_sparsity_70", "fid", 8.0)
    assert verdicts(results)["naive_sparsity_degrades"] == "tie"
    change(results, "routed", "naive_sparsity_70", "fid", 9.0)
    assert verdicts(results)["naive_sparsity_degrades"] == "not reproduced"


def test_searches(results):
    method = "autoguidance_sparse_guidance"
    write_search(results, "routed", method, lambda o, s, w: 1 + abs(s + w - o) / 10)
    found = verdicts(results)
    assert found["larger_omega_tolerates_higher_gamma"] == "reproduced"
    assert found["optimum_is_the_same_for_every_omega"] == "reproduced"
    write_search(results, "routed", method, lambda o, s, w: o + s + w)
    found = verdicts(results)
    assert found["larger_omega_tolerates_higher_gamma"] == "not reproduced"
    assert found["optimum_is_the_same_for_every_omega"] == "not reproduced"


def test_regions(results):
    flat, steep = (lambda o, s, w: 1 + s * w / 10), (lambda o, s, w: 1 + 9 * s * w)
    write_search(results, "routed", "sparse_guidance", flat)
    assert verdicts(results)["routing_region_wider_than_masking"] == "not run"
    write_search(results, "masked", "sparse_guidance", steep)
    assert verdicts(results)["routing_region_wider_than_masking"] == "reproduced"
    write_search(results, "routed", "sparse_guidance", steep)
    assert verdicts(results)["routing_region_wider_than_masking"] == "tie"


def test_the_command(results):
    out = results / "claims.csv"
    assert main(["claims", "--results", str(results), "--out", str(out)]) == 0
    claims = pd.read_csv(out)
    assert claims["numbers"].notna().all()
    assert set(claims["verdict"]) <= {"reproduced", "not reproduced", "tie", "not run"}
    assert "reproduced" in out.with_suffix(".md").read_text()
