"""The choice of the best candidate."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from bench.__main__ import main


@pytest.fixture
def select(tmp_path):
    """Selects among searches, each given as FIDs of omega = 1, 2, ...: the exit code."""

    def run(*searches, text=json.dumps):
        paths = []
        for number, fids in enumerate(searches):
            specs = [text({"omega": omega}) for omega in range(1, len(fids) + 1)]
            paths.append(str(tmp_path / f"search-{number}.csv"))
            pd.DataFrame({"guidance": specs, "fid": fids}).to_csv(paths[-1], index=False)
        outputs = ["--all-rows", str(tmp_path / "all.csv"), "--out", str(tmp_path / "best.json")]
        return main(["select", "--searches", *paths, *outputs])

    return run


def test_the_lowest_fid_of_all_searches(select, tmp_path, capsys):
    assert select([3.0, float("nan"), 2.0], [4.0, 1.5, 1.5]) == 0
    assert json.loads((tmp_path / "best.json").read_text()) == {"omega": 2}
    assert len(pd.read_csv(tmp_path / "all.csv")) == 6
    assert 'FID 1.5000 with {"omega": 2}' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fids", "text", "message"),
    [
        ([float("nan")], json.dumps, "no candidate has a FID"),
        ([1.0], str, "the spec of the best candidate is not valid JSON"),
    ],
)
def test_nothing_is_written_where_nothing_can_be_chosen(
    select, tmp_path, capsys, fids, text, message
):
    assert select(fids, text=text) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "all.csv").exists()
    assert not (tmp_path / "best.json").exists()
