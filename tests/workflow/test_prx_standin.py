"""The rules of an open text-to-image model, from its published files to Table 5, on tiny random
networks in their layout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.conftest import ROOT, snakemake
from tests.workflow.test_dag import jobs_by_rule

STANDIN = Path(__file__).parent / "prx-standin.yaml"
PUBLISHED = ROOT / "workflow" / "config" / "prx512.yaml"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Where the scale was run."""
    for package in ("transformers", "diffusers", "open_clip"):
        pytest.importorskip(package)
    from tests.models.autoencoders import write_autoencoder
    from tests.models.prx_folders import write_prx
    from tests.models.test_published_prx import FLUX
    from tests.models.text_encoder_folders import write_text_encoder
    from tests.workflow.t2i_standin import write_clip, write_detector, write_prompts

    folder = tmp_path_factory.mktemp("prx")
    artefacts = folder / "artefacts"
    artefacts.mkdir()
    write_prx(artefacts / "transformer")
    write_text_encoder(artefacts / "text_encoder", "t5gemma")
    write_autoencoder(artefacts / "vae", **FLUX)
    write_prompts(artefacts / "prompts.jsonl")
    write_detector(artefacts / "detector")
    write_clip(artefacts / "clip.bin", artefacts / "tiny_clip.py")
    code, output = snakemake(folder, STANDIN)
    assert code == 0, output
    return folder / "results" / "prx-standin"


def test_every_cell_is_judged_and_tabled(results):
    rows = pd.read_csv(results / "metrics.csv")
    assert set(rows["method"]) == {"unguided", "cfg", "sparse_guidance"}
    assert rows[["geneval", "linear_gmacs", "autoencoder_sha256"]].notna().all(axis=None)
    assert set(rows["trained_with_routing"]) == {"unknown"}
    table = pd.read_csv(results / "tables" / "table5.csv")
    assert set(table.loc[table["source"] == "ours", "run"]) == {"prx"}
    assert not (results / "gap").exists()


def test_nothing_is_left_to_do(results):
    code, output = snakemake(results.parents[1], STANDIN, "--dry-run")
    assert code == 0, output
    assert jobs_by_rule(output) == {}


def test_the_published_model_is_planned(tmp_path):
    code, output = snakemake(tmp_path, PUBLISHED, "--dry-run")
    assert code == 0, output
    jobs = jobs_by_rule(output)
    cells = 5
    assert jobs["sample"] == 4 * cells
    assert jobs["evaluate_prompts"] == cells
    assert jobs["convert_prx_1"] == jobs["encode_text"] == 1
    assert {name for name in jobs if name.startswith("download")} == {
        *("download_prx_512_t2i", "download_prx_512_t2i_vae"),
        *("download_mask2former_swin_s", "download_clip_vit_l14"),
    }
    assert "capacity_gap" not in jobs
