"""The front page, and the searches on it whose best candidate lies at an end."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from bench.config.load import from_settings
from bench.report.summary import omega_at_an_end, to_rst
from bench.results import Results
from tests.workflow.conftest import MICRO


@pytest.mark.parametrize(
    ("fids", "expected"),
    [([3, 2, 1], 3.0), ([1, 2, 3], 1.5), ([2, 1, 2], None), ([2, 2, 1], 3.0)],
)
def test_the_best_omega_may_be_at_an_end(fids, expected):
    search = pd.DataFrame({"omega": [1.5, 2.0, 3.0], "gamma_strong": 0.0, "fid": fids})
    assert omega_at_an_end(search, search["fid"].idxmin()) == expected


def test_an_omega_that_is_not_searched_has_no_ends():
    assert omega_at_an_end(pd.DataFrame({"omega": [1.5, 1.5]}), 0) is None
    assert omega_at_an_end(pd.DataFrame({"gamma": [0.5, 0.7]}), 0) is None


def test_a_scale_without_searches_has_a_front_page(results):
    settings = yaml.safe_load(MICRO.read_text())
    settings["methods"] = {
        "cfg": {"guidance": {"method": "cfg", "omega": 1.5}},
        "sparse_guidance": {
            "guidance": {"method": "sparse_guidance", "omega": 1.5}
            | {"gamma_strong": 0.0, "gamma_weak": 0.5},
        },
    }
    for run in settings["runs"].values():
        run["grids"] = []
        run["methods"] = [m for m in run["methods"] if m in ("unguided", "cfg", "sparse_guidance")]
    scale, layout = from_settings(settings), Results(results)
    rows = pd.read_csv(layout.metrics)
    rows = rows.assign(device="CPU", torch="2", git_commit="abc", wall_seconds=60)
    rows.to_csv(layout.metrics, index=False)
    for training in scale.trainings:
        log = layout.training_log(training)
        log.parent.mkdir(parents=True)
        pd.DataFrame({"step": [10, 20], "images_per_second": 32.0}).to_csv(log, index=False)
    assert scale.tuned_cells == ()
    page = to_rst(scale, layout)
    assert "CFG on the routed model: FID 3.20" in page
    assert "**Where a wider search might find better**\n\n- nowhere" in page
    assert "search: 0 minutes" in page
