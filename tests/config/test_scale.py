"""Consistency of a scale: every fault is one line that names file and key, with exit code 2."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from bench.__main__ import main
from bench.config.data import LatentsConfig
from bench.config.evaluation import InceptionConfig
from bench.config.load import from_settings
from bench.data.dataset import DatasetInfo
from bench.data.registry import DATASETS
from bench.errors import BadInput

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "workflow" / "config" / "digits.yaml"


def changed(*keys, value=None):
    """The settings of digits with one key set, or removed where the value is None; they go through
    JSON, so that what the YAML shares by an anchor is shared no more."""
    settings = json.loads(json.dumps(yaml.safe_load(DIGITS.read_text())))
    part = settings
    for key in keys[:-1]:
        part = part.setdefault(key, {})
    if not keys:
        return settings
    if value is None:
        del part[keys[-1]]
    else:
        part[keys[-1]] = value
    return settings


SG = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.9, "gamma_weak": 0.5}
CASES = {
    "unknown key": (changed("samplin", value={}), "samplin: unknown key, did you mean 'sampling'?"),
    "deep unknown key": (
        changed("runs", "routed", "training", "learning_rat", value=1),
        "runs.routed.training.learning_rat: unknown key, did you mean 'learning_rate'?",
    ),
    "wrong type": (
        changed("sampling", "steps", value="many"),
        "sampling.steps: expected a whole number, got 'many'",
    ),
    "a number for a list": (
        changed("measurement", "seeds", value=1),
        "measurement.seeds: expected a list, got 1",
    ),
    "GPUs of several nodes": (
        changed("hardware", value={"training_gpus": 8, "training_nodes": 3}),
        "hardware.training_nodes: 8 GPUs do not split evenly over 3 nodes",
    ),
    "missing key": (changed("tuning", "seed", value=None), "tuning.seed: missing"),
    "weights are shared out over one GPU": (
        {
            **changed("runs", "routed", "training", "sharding", value="fsdp"),
            "hardware": {"training_gpus": 1},
        },
        "runs.routed.training.sharding: fsdp shares weights out over several GPUs, and ",
    ),
    "a batch that does not split over the GPUs": (
        changed("hardware", value={"training_gpus": 5}),
        "training.batch_size: 64 does not split evenly over 5 processes; make it a multiple of 5",
    ),
    "shared-out weights are compiled": (
        changed(
            "runs", "routed", "training", value={"steps": 9, "sharding": "fsdp", "compile": True}
        ),
        "runs.routed.training.compile: not with sharding fsdp; leave one of them out",
    ),
    "gamma of one": (
        changed("methods", "unguided", "guidance", value={"method": "unguided", "gamma": 1.0}),
        "methods.unguided.guidance.gamma: 1.0 is outside [0, 1)",
    ),
    "strong above weak": (
        changed("methods", "unguided", "guidance", value=SG),
        "methods.unguided.guidance.gamma_strong: 0.9 is not below gamma_weak 0.5",
    ),
    "a grid without a valid point": (
        changed("methods", "sparse_guidance", "grid", "gamma_strong", value=[0.9]),
        "methods.sparse_guidance.grid: none of its combinations is a valid spec",
    ),
    "a grid that is missing": (
        changed("runs", "routed", "grids", value=["cfg"]),
        "runs.routed.grids: 'cfg' has none; give it methods.cfg.grid",
    ),
    "samples over omega of classes": (
        changed("runs", "routed", "omega_sweep", value={"methods": ["cfg"], "omegas": [1.0]}),
        "runs.routed.omega_sweep: its figure shows prompts, and this scale has none",
    ),
    "samples over omega twice": (
        changed("runs", "routed", "omega_sweep", value={"methods": ["cfg"], "omegas": [1.0, 1.0]}),
        "runs.routed.omega_sweep.omegas: a value is there twice",
    ),
    "no candidates": (
        changed("tuning", "candidates", value=0),
        "tuning.candidates: 0 is not positive",
    ),
    "negative omega": (
        changed("methods", "cfg", "search", "omega", value=[1.5, -1]),
        "methods.cfg.guidance.omega: -1.0 is negative",
    ),
    "unknown method": (
        changed("methods", "cfg", "guidance", value={"method": "cfgg"}),
        "methods.cfg.guidance.method: unknown method 'cfgg', did you mean 'cfg'?",
    ),
    "unknown row": (
        changed("runs", "dense", "methods", value=["cfgg"]),
        "runs.dense.methods: unknown method 'cfgg', did you mean 'cfg'?",
    ),
    "unknown row of the progress": (
        changed("runs", "routed", "progress", "methods", value=["autoguidence@300"]),
        "runs.routed.methods: unknown method 'autoguidence', did you mean 'autoguidance'?",
    ),
    "a search for a method that the catalogue lacks": (
        changed("methods", "cfgg", value={"search": {"omega": [1.5]}}),
        "methods.cfgg.guidance: missing, and methods.yaml has no method 'cfgg', did you mean 'cfg'",
    ),
    "a search for what the catalogue fixes": (
        changed("methods", "sparse_guidance_flops", "search", "gamma_weak", value=[0.8]),
        "methods.sparse_guidance_flops.search.gamma_weak: the key is in guidance, too",
    ),
    "a method of the catalogue without its omega": (
        changed("methods", "cfg", value=None),
        "methods.cfg.guidance.omega: missing; give it a value",
    ),
    "no methods": (changed("methods", value=[]), "methods: expected a mapping, got []"),
    "runs that are no mapping": (changed("runs", value=3), "runs: expected a mapping, got 3"),
    "route outside the depth": (
        changed("runs", "routed", "model", "route", value=[1, 11]),
        "runs.routed.model.route: [1, 11] is outside the depth 11",
    ),
    "route and decoder": (
        changed("runs", "masked", "model", "route", value=[1, 2]),
        "runs.masked.model.route: a model is routed or masked",
    ),
    "a weak checkpoint that is not kept": (
        changed("runs", "routed", "weak_step", value=901),
        "runs.routed.weak_step: 901 is not one of training.snapshots",
    ),
    "the last step as the weak one": (
        changed("runs", "routed", "weak_step", value=1500),
        "runs.routed.weak_step: 1500 is the last step",
    ),
    "too few samples": (
        changed("tuning", "samples", value=3),
        "tuning.samples: 3 are too few",
    ),
    "no weak checkpoint": (
        changed("runs", "routed", "weak_step", value=None),
        "runs.routed.weak_step: missing; 'autoguidance' needs an earlier checkpoint",
    ),
    "a sparse method on a dense model": (
        changed("runs", "dense", "model", "route", value=None),
        "runs.dense.methods: 'sparse_guidance' needs a model with a route or a decoder",
    ),
    "sparse training of a dense model": (
        changed("runs", "masked", "model", "decoder", value=None),
        "runs.masked.training.gamma: the model has neither",
    ),
    "unknown dataset": (changed("dataset", value="digit"), "did you mean 'digits'"),
    "unknown finetuning start": (
        changed("runs", "dense", "initial", value="route"),
        "runs.dense.initial: unknown run 'route', did you mean 'routed'?",
    ),
    "a finetuning of itself": (
        changed("runs", "dense", "initial", value="dense"),
        "runs.dense.initial: 'dense' is a finetuning itself",
    ),
    "a step that is no number": (
        changed("runs", "routed", "methods", value=["autoguidance@first"]),
        "runs.routed.methods.'autoguidance@first': after '@' comes the step of a snapshot",
    ),
    "progress on a step that is not kept": (
        changed("runs", "routed", "progress", "steps", value=[601]),
        "runs.routed.progress.steps: 601 is not one of training.snapshots",
    ),
    "a weak step for a method without a weak checkpoint": (
        changed("runs", "routed", "methods", value=["cfg@600"]),
        "runs.routed.methods: 'cfg@600' evaluates no weak checkpoint; leave out '@600'",
    ),
    "another weak step that is not kept": (
        changed("runs", "routed", "methods", value=["autoguidance@601"]),
        "runs.routed.methods: 'autoguidance@601': 601 is not one of training.snapshots",
    ),
    "a weak checkpoint no earlier than the strong one": (
        changed("runs", "routed", "progress", "methods", value=["autoguidance@900"]),
        "runs.routed.methods: 'autoguidance@900': the weak checkpoint is no earlier than",
    ),
    "a finetuning with another architecture": (
        changed("runs", "finetuned", "model", "depth", value=12),
        "runs.finetuned.initial: 'routed' has another architecture",
    ),
    "tuning on a measured block": (
        changed("tuning", "seed", value=1),
        "tuning.seed: it is one of measurement.seeds",
    ),
    "a negative seed": (
        changed("measurement", "seeds", value=[1, -2]),
        "measurement.seeds: -2 is negative",
    ),
    "a method twice": (
        changed("runs", "dense", "methods", value=["cfg", "cfg"]),
        "runs.dense.methods: a name is there twice",
    ),
    "an unknown size": (
        changed("runs", "dense", "model", "size", value="SiT-XL/3"),
        "runs.dense.model.size: unknown size 'SiT-XL/3', did you mean 'SiT-XL/",
    ),
    "a name that is no folder": (changed("name", value="a/b"), "name: names are letters"),
    "a plugin that is not there": (changed("plugins", value=["no.py"]), "no such file 'no.py'"),
    "a list": ([1, 2], "expected a mapping of settings"),
}


def check(path, capsys):
    code = main(["check", str(path)])
    captured = capsys.readouterr()
    return code, captured.err


@pytest.mark.parametrize("name", CASES)
def test_faults(name, tmp_path, capsys):
    settings, message = CASES[name]
    path = tmp_path / "scale.yaml"
    path.write_text(yaml.safe_dump(settings))
    code, error = check(path, capsys)
    assert code == 2
    assert message in error
    assert error.startswith(f"error: {path}: ")
    assert error.count("\n") == 1


def test_a_skipped_block_is_one_of_the_network(tmp_path, capsys):
    settings = changed("runs", "dense", "methods", value=["skip"])
    spec = {"method": "skip_layer_guidance", "omega": 1.5, "blocks": [11]}
    settings["methods"]["skip"] = {"guidance": spec}
    path = tmp_path / "scale.yaml"
    path.write_text(yaml.safe_dump(settings))
    code, error = check(path, capsys)
    assert code == 2
    assert "blocks: 11 is not one of the network's blocks 0 to 10" in error


def test_images_with_captions_are_for_a_text_to_image_model(monkeypatch):
    captioned = SimpleNamespace(INFO=DatasetInfo(input_size=8, in_channels=1))
    monkeypatch.setitem(DATASETS, "captioned", captioned)
    settings = changed("dataset", value="captioned")
    text = {"encoder": {"kind": "minilm", "length": 5}, "training_images": 8}
    for run in settings["runs"].values():
        run["model"].pop("decoder", None)
        run["model"] |= {"route": [1, 4], "text_width": 6}
    with pytest.raises(BadInput, match="text: the images of captioned have captions: give text"):
        from_settings(settings)
    settings["text"] = text
    with pytest.raises(BadInput, match="one of extractor, inception and text, and this one has"):
        from_settings(settings)
    del settings["extractor"]
    model = from_settings(settings).model(from_settings(settings).run("routed"))
    assert (model.kind, model.input_size, model.text_length) == ("tr_dit", 8, 5)
    with pytest.raises(BadInput, match="text: the images of digits have classes: leave text out"):
        from_settings({**settings, "dataset": "digits"})


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (LatentsConfig(train="a", reference="b", folder="c"), "folder"),
        (LatentsConfig(train="a", reference="b", folder="c"), "autoencoder"),
        (InceptionConfig(), "weights"),
        (InceptionConfig(), "dinov2"),
    ],
)
def test_a_path_with_a_brace_is_no_wildcard(section, key):
    with pytest.raises(BadInput, match=rf"{key}: 'a/{{run}}' has a brace; give the file or folder"):
        dataclasses.replace(section, **{key: "a/{run}"})


@pytest.mark.parametrize("name", ["a; rm -rf x", "a b", "it's", "$(x)", "{run}", "..", "a/b", ""])
@pytest.mark.parametrize("section", ["name", "runs", "methods"])
def test_names_that_a_shell_or_a_path_would_read_are_refused(section, name):
    """Commands and folders hold them as they are."""
    settings = changed()
    if section == "name":
        settings["name"] = name
    else:
        unguided = {"guidance": {"method": "unguided"}}
        settings[section][name] = settings[section].get("routed", unguided)
    with pytest.raises(BadInput, match="names are letters, digits, '_' and '-'"):
        from_settings(settings)
