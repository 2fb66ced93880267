"""The figures that a scale can draw, and the files that it draws them from."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.config.load import from_settings, load
from bench.report.evidence import Evidence, NotRun
from bench.report.figures import figures
from bench.results import Results
from tests.workflow.conftest import MICRO, ROOT

RESULTS = Results(Path("results"))
SETTINGS = yaml.safe_load(MICRO.read_text())


def drawn(settings=SETTINGS):
    """Figures that a scale can draw: name and files, as text without the folder."""
    scale = from_settings(copy.deepcopy(settings))
    found = {name: figure.files(scale, RESULTS) for name, figure in figures().items()}
    return {
        name: [str(path.relative_to("results")) for path in files]
        for name, files in found.items()
        if files is not None
    }


def test_the_files_of_a_small_scale():
    found = drawn()
    of_the_paper = {f"figure{name}" for name in (1, 3, 5, 6, 7, 8, "A5", "A6", "A7")}
    assert set(found) == of_the_paper | {"capacity_gap", "pareto", "seed_noise"}
    assert found["figure1"] == ["metrics.csv"]
    assert found["figure3"] == [
        f"checkpoints/{run}/step-00000020.safetensors" for run in ("routed", "masked")
    ]
    assert found["figure5"] == [
        "metrics.csv",
        *(
            f"samples/{run}/cfg/seed-1/0-16.safetensors"
            for run in ("finetuned", "finetuned@10", "routed", "routed@10")
        ),
    ]
    assert found["figure6"] == ["grids/routed/autoguidance_sparse_guidance.csv"]
    assert found["figure7"] == [
        "metrics.csv",
        "distances/routed/cfg.csv",
        "distances/routed/sparse_guidance.csv",
    ]
    assert found["figureA6"] == ["samples/routed/cfg/seed-1/0-16.safetensors"]
    assert found["capacity_gap"] == ["gap/routed.csv", "gap/masked.csv"]


@pytest.mark.parametrize(
    ("path", "value", "lost"),
    [
        (("methods", "sparse_guidance", "grid", "gamma_strong"), [0.0], {"figure8"}),
        (("runs", "routed", "progress", "steps"), [], set()),
        (
            ("runs", "routed", "methods"),
            ["cfg", "autoguidance_sparse_guidance", "sparse_guidance"],
            {"figure1", "figure7", "figureA5"},
        ),
    ],
)
def test_a_figure_is_left_out_where_its_data_are_missing(path, value, lost):
    settings = copy.deepcopy(SETTINGS)
    place = settings
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert set(drawn()) - set(drawn(settings)) == lost


def test_figure_5_needs_snapshots():
    settings = copy.deepcopy(SETTINGS)
    for run in ("routed", "finetuned"):
        del settings["runs"][run]["progress"]
    assert set(drawn()) - set(drawn(settings)) == {"figure5"}


def test_each_figure_is_of_classes_or_of_prompts():
    drawn = {}
    for name in ("imagenet256", "shapes"):
        scale = load(ROOT / "workflow" / "config" / f"{name}.yaml")
        drawn[name] = {key for key, figure in figures().items() if figure.files(scale, RESULTS)}
    of_prompts = {"figure1_left", "figure9", "figureA1", "figureA2", "figureA3", "figureA4"}
    assert drawn["shapes"] == {"capacity_gap", *of_prompts}
    # The paper's scale has all others.
    assert drawn["imagenet256"] == set(figures()) - drawn["shapes"] | {"capacity_gap"}


def test_what_a_scale_lacks_is_not_run():
    evidence = Evidence(from_settings(copy.deepcopy(SETTINGS)), RESULTS)
    with pytest.raises(NotRun):
        evidence.metrics(("routed", "icg"))
    with pytest.raises(NotRun):
        evidence.checkpoints("dense")
    # Neither has a grid over both sparsities.
    for method in ("cfg", "unguided"):
        with pytest.raises(NotRun):
            evidence.sparsity_grids(("routed", method))


def test_every_figure_has_a_caption():
    assert all(len(figure.caption) > 40 for figure in figures().values())
    assert all(figure.name == name for name, figure in figures().items())


def test_asking_is_quick():
    """A dry run asks every figure; it must not wait for what only drawing needs."""
    code = "import json, sys; from bench.report.figures import figures; figures(); "
    code += "print(json.dumps(list(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert not {"matplotlib", "scipy", "seaborn", "torch"} & set(json.loads(found.stdout))
