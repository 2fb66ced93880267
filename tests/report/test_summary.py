"""The front page names searches whose best candidate lies at an end."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.summary import omega_at_an_end


@pytest.mark.parametrize(
    ("fids", "expected"),
    [([3, 2, 1], 3.0), ([1, 2, 3], 1.5), ([2, 1, 2], None), ([2, 2, 1], 3.0)],
)
def test_the_best_omega_may_be_at_an_end(fids, expected):
    search = pd.DataFrame({"omega": [1.5, 2.0, 3.0], "gamma_strong": 0.0, "fid": fids})
    assert omega_at_an_end(search) == expected


def test_an_omega_that_is_not_searched_has_no_ends():
    assert omega_at_an_end(pd.DataFrame({"omega": [1.5, 1.5], "fid": [1, 2]})) is None
    assert omega_at_an_end(pd.DataFrame({"gamma": [0.5, 0.7], "fid": [1, 2]})) is None
