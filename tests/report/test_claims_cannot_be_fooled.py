"""No claim is reproduced by a method that does nothing, by missing data or by noise.

Exempt from some tests are claims that the change does not concern, each with its reason below.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bench.report.claims import QUERIES, read_claims, settle, settle_claim
from bench.report.rows import Rows
from tests.report.made_up import CELLS, MEASURED, Scale

CLAIMS = {entry["id"]: entry for entry in read_claims()}
SPARSE = ("sparse_guidance", "autoguidance_sparse_guidance")
# MACs are counted, from the architecture and the declared branches. That a step is cheap says
# nothing of the samples, and counting has no noise.
COUNTED = {"sg_flops_cheaper_than_unguided", "sg_fid_cheaper_than_cfg", "macs_of_table_2"}
# The exchange that turns each claim into its opposite.
EXCHANGES = {
    "sg_beats_cfg_on_masking": (("masked", "sparse_guidance"), ("masked", "cfg")),
    "sg_flops_beats_unguided": (("routed", "sparse_guidance_flops"), ("routed", "unguided")),
    "sg_flops_beats_cfg": (("routed", "sparse_guidance_flops"), ("routed", "cfg")),
    "sg_flops_cheaper_than_unguided": (("routed", "sparse_guidance_flops"), ("routed", "unguided")),
    "sg_fid_beats_all": (("routed", "sparse_guidance_fid"), ("routed", "cfg")),
    "sg_fid_cheaper_than_cfg": (("routed", "sparse_guidance_fid"), ("routed", "cfg")),
    "sg_fid_improves_the_same_model": (("routed", "sparse_guidance_fid"), ("routed", "cfg")),
    "dense_model_cannot_use_sg": (("dense", "sparse_guidance"), ("dense", "unguided")),
    "naive_sparsity_degrades": (("routed", "naive_sparsity_50"), ("routed", "naive_sparsity_90")),
    "finetuning_stays_behind_sg": (("routed", "sparse_guidance_fid"), ("finetuned", "cfg")),
    "ag_sg_flatter_over_weak_checkpoints": tuple(
        ("routed", method) for method in ("autoguidance_sparse_guidance", "autoguidance")
    ),
    "larger_omega_tolerates_higher_gamma": tuple(
        ("routed", method) for method in ("autoguidance_sparse_guidance", "unguided")
    ),
    "optimum_is_the_same_for_every_omega": tuple(
        ("routed", method) for method in ("autoguidance_sparse_guidance", "unguided")
    ),
    "routing_region_wider_than_masking": tuple(
        (run, "sparse_guidance") for run in ("routed", "masked")
    ),
}
# Where guidance helps and all guided methods are equal, these two are true.
TRUE_OF_EQUAL_METHODS = {"sg_flops_beats_unguided", "optimum_is_the_same_for_every_omega"}


def verdict(scale, folder, name):
    results = scale.write(folder)
    return settle_claim(CLAIMS[name], Rows(results.metrics), results)["verdict"]


def query(name):
    ((kind, about),) = ((k, v) for k, v in CLAIMS[name].items() if k in QUERIES)
    return kind, about


def cells_of(name):
    """The cells that a claim rests on, those of no guidance included."""
    found = []

    def walk(value):
        if value in map(list, CELLS):
            found.append(tuple(value))
        elif isinstance(value, (list, dict)):
            for part in value.values() if isinstance(value, dict) else value:
                walk(part)

    walk(CLAIMS[name].get("needs_gain", []))
    found.extend((run, "unguided") for run, _ in list(found))
    walk(query(name)[1])
    return list(dict.fromkeys(found))


def files_of(scale, name):
    """The grids, distances or gaps that a claim rests on: their frames, keys and values."""
    kind, about = query(name)
    cells = [tuple(value) for value in about.values() if isinstance(value, list)]
    if kind in ("rising_optimum", "equal_optima", "wider_region"):
        return [(scale.grids, cell, "fid") for cell in cells]
    if kind == "closer":
        return [(scale.distances, cell, "distance") for cell in cells]
    if kind == "gap_orders_gain":
        return [(scale.gap, run, "loss") for run in about["runs"]]
    return []


@pytest.fixture(scope="module")
def as_made_up(tmp_path_factory):
    return settle(Scale().write(tmp_path_factory.mktemp("results"))).set_index("id")


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_holds_at_first(as_made_up, name):
    assert as_made_up["verdict"][name] == "reproduced", as_made_up["numbers"][name]


@pytest.mark.parametrize("name", CLAIMS)
def test_a_method_that_does_nothing(tmp_path, name):
    scale = Scale()
    for run, method in CELLS:
        if method.startswith(SPARSE):
            columns = [*MEASURED, "linear_gmacs"]
            unguided = scale.metrics.loc[scale.of(run, "unguided"), columns]
            scale.metrics.loc[scale.of(run, method), columns] = unguided.values
    for grid in scale.grids.values():
        grid["fid"] = grid["unguided_fid"]
    scale.distances["routed", "sparse_guidance"]["distance"] = 0.0
    # Sparsity without guidance is no method that could do nothing.
    expected = name in COUNTED - {"sg_flops_cheaper_than_unguided"} | {"naive_sparsity_degrades"}
    assert (verdict(scale, tmp_path, name) == "reproduced") == expected


def test_flatness_needs_a_gain_over_all_weak_checkpoints(tmp_path):
    """That with the usual weak checkpoint alone does not suffice."""
    scale = Scale()
    scale.metrics.loc[scale.of("routed", "autoguidance"), "fid"] += 2.9
    scale.metrics.loc[scale.of("routed", "autoguidance@30"), "fid"] += 2.9
    assert verdict(scale, tmp_path, "ag_sg_flatter_over_weak_checkpoints") == "not reproduced"


def test_flatness_is_of_one_snapshot(tmp_path):
    """What an earlier snapshot of the run shows with a further weak checkpoint does not count."""
    earlier = {
        ("routed@50", "autoguidance@20"): (3.5, 0.5, 2.0),
        ("routed@50", "autoguidance_sparse_guidance@20"): (4.9, 0.5, 1.5),
    }
    scale = Scale({**CELLS, **earlier})
    assert verdict(scale, tmp_path, "ag_sg_flatter_over_weak_checkpoints") == "reproduced"


@pytest.mark.parametrize("name", [name for name in CLAIMS if name != "macs_of_table_2"])
def test_exchanged_methods(tmp_path, name):
    scale = Scale()
    scale.exchange(*EXCHANGES.get(name, (("routed", "sparse_guidance"), ("routed", "cfg"))))
    assert verdict(scale, tmp_path, name) == "not reproduced"


@pytest.mark.parametrize(("name", "cell"), [(n, c) for n in CLAIMS for c in cells_of(n)])
@pytest.mark.parametrize("damage", ["missing cell", "missing block", "not a number", "infinite"])
def test_incomplete_rows_are_not_run(tmp_path, name, cell, damage):
    scale = Scale()
    mine = scale.of(*cell)
    block = mine & (scale.metrics["seed"] == 3)
    if damage.startswith("missing"):
        scale.metrics = scale.metrics[~(mine if damage == "missing cell" else block)]
    else:
        value = np.nan if damage == "not a number" else np.inf
        scale.metrics.loc[block, [*MEASURED, "linear_gmacs"]] = value
    assert verdict(scale, tmp_path, name) == "not run"


@pytest.mark.parametrize("name", [name for name in CLAIMS if files_of(Scale(), name)])
@pytest.mark.parametrize("damage", ["missing", "not a number", "missing block"])
def test_incomplete_files_are_not_run(tmp_path, name, damage):
    for index in range(len(files_of(Scale(), name))):
        scale, folder = Scale(), tmp_path / str(index)
        folder.mkdir()
        frames, key, column = files_of(scale, name)[index]
        if damage == "missing":
            del frames[key]
        elif damage == "not a number":
            frames[key].loc[0, column] = np.nan
        elif "seed" in frames[key]:
            frames[key] = frames[key][frames[key]["seed"] != 3]
        else:
            continue
        assert verdict(scale, folder, name) == "not run"


def test_a_region_needs_the_unguided_fid(tmp_path):
    scale = Scale()
    del scale.grids["masked", "sparse_guidance"]["unguided_fid"]
    assert verdict(scale, tmp_path, "routing_region_wider_than_masking") == "not run"


def test_one_replicate_settles_nothing(tmp_path):
    scale = Scale()
    scale.metrics = scale.metrics[scale.metrics["seed"] == 1]
    found = settle(scale.write(tmp_path)).set_index("id")["verdict"]
    assert set(found.drop(list(COUNTED))) == {"not run"}


@pytest.mark.parametrize(("unguided", "draws"), [(1.0, 100), (1.3, 300)])
def test_noise_is_rarely_a_finding(tmp_path, monkeypatch, unguided, draws):
    """All methods have the same mean: the same as no guidance, or a better one.

    The replicates are trainings, so that no threshold helps.
    """
    monkeypatch.setattr(
        "tests.report.made_up.GRIDS",
        {
            ("routed", "autoguidance_sparse_guidance"): lambda o, s, w: 5.0,
            ("routed", "sparse_guidance"): lambda o, s, w: 5.0,
            ("masked", "sparse_guidance"): lambda o, s, w: 5.0,
        },
    )
    monkeypatch.setattr(
        "tests.report.made_up.DISTANCES",
        {("routed", "cfg"): 1.0, ("routed", "sparse_guidance"): 1.0},
    )
    cells = {
        (run, method): (5.0 * unguided if method == "unguided" else 5.0, 0.5, 1.0)
        for run, method in CELLS
    }
    exempt = COUNTED | (TRUE_OF_EQUAL_METHODS if unguided > 1 else set())
    claims, counts = [CLAIMS[name] for name in CLAIMS if name not in exempt], Counter()
    for draw in range(draws):
        results = Scale(cells, noise=0.05, seed=draw).write(tmp_path)
        rows = Rows(results.metrics)
        lines = [settle_claim(claim, rows, results) for claim in claims]
        counts.update(line["id"] for line in lines if line["verdict"] == "reproduced")
    assert {name: n for name, n in counts.items() if n > 0.05 * draws} == {}
