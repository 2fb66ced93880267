"""Consistency of a scale with GenEval's prompts: of published models, and of models of captioned
latents."""

from __future__ import annotations

import pytest
import yaml

from bench.__main__ import main
from bench.config.load import from_settings, load
from bench.data.prompted import block_prompts, captions
from bench.errors import BadInput
from tests.config.test_scale import DIGITS
from tests.data.hpdv3 import write_benchmark

PRX = DIGITS.with_name("prx512.yaml")
PRX_MODEL = {"size": "PRX/2", "input_size": 64, "in_channels": 16}


def prx(*keys, value):
    """The settings of prx512 with one key set."""
    settings = yaml.safe_load(PRX.read_text())
    part = settings
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    return settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            prx("methods", "cfg", value={"search": {"omega": [1.0, 2.0]}}),
            "methods.cfg.search: GenEval's prompts are for the test alone",
        ),
        (
            prx("text", "training_images", value=5),
            "text.training_images: geneval has none; leave it out",
        ),
        (
            prx("runs", "prx", "pretrained", "kind", value="sit"),
            "runs.prx.pretrained.kind: prx is for a model of kind prx",
        ),
        (
            prx("runs", "prx", "pretrained", "trained_with_routing", value="maybe"),
            "runs.prx.pretrained.trained_with_routing: unknown value 'maybe'",
        ),
        (
            prx("runs", "prx", "model", value={"size": "PRX/2", "in_channels": 16}),
            "runs.prx.model.input_size: missing",
        ),
        (
            prx("runs", "prx", value={"model": PRX_MODEL, "training": {"steps": 1}}),
            "runs.prx.training: geneval has no images to train on; give pretrained",
        ),
    ],
)
def test_a_scale_of_published_text_to_image_models(settings, message):
    with pytest.raises(BadInput) as error:
        from_settings(settings)
    assert message in str(error.value)


def test_a_prx_is_not_trained():
    settings = yaml.safe_load(DIGITS.with_name("shapes.yaml").read_text())
    settings["runs"]["dense"]["model"] = {"size": "PRX/2"}
    with pytest.raises(BadInput, match=r"runs\.dense\.training: a PRX is here for its published"):
        from_settings(settings)


def test_it_asks_for_the_official_prompts_in_turn():
    scale = load(PRX)
    prompts = captions(scale, "test")
    assert len(set(prompts)) == len(prompts) == 553
    asked = [metadata["prompt"] for metadata in block_prompts(scale, "test")]
    assert asked == prompts * 4
    for part in ("train", "tuning"):
        with pytest.raises(BadInput, match=f"{part}: GenEval's official prompts are for the test"):
            captions(scale, part)


def test_without_geneval_a_scale_cannot_be_measured(tmp_path, capsys):
    settings = yaml.safe_load(PRX.read_text())
    del settings["geneval"]
    config = tmp_path / "prx.yaml"
    config.write_text(yaml.safe_dump(settings))
    assert main(["check", str(config)]) == 2
    assert "geneval: missing; it measures models whose images" in capsys.readouterr().err


T2I = DIGITS.with_name("t2i512.yaml")


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("hardware",), None, "hardware: missing; jobs of GPUs draw and judge the samples"),
        (("latents",), None, "geneval: it judges samples of models of captioned latents"),
        (
            ("methods", "cfg", "search", "omega"),
            [1.0, 2.0],
            "methods.cfg.search: GenEval's prompts are for the test alone",
        ),
        (("runs", "routed", "grids"), ["unguided"], "grids: they are measured on prompts for tuni"),
        (("geneval", "detector"), "a{b", "geneval.detector: 'a{b' has a brace"),
        (("geneval",), None, "hpsv3: its scores stand beside geneval's; give geneval"),
        (("hpsv3", "weights"), None, "hpsv3.weights: expected a string"),
        (("hpsv3", "benchmark"), "a{b", "hpsv3.benchmark: 'a{b' has a brace"),
        (("hpsv3", "prompts"), 0, "hpsv3.prompts: 0 is not positive"),
        (("hpsv3", "prompts"), 10**15, "in shards of 553 are more than 1,000 jobs; raise it"),
        (("sampling", "steps"), 10**9, "sampling.steps: 1,000,000,000 are more than 10,000"),
        (("latents", "train_text_shards"), 10**6, "train_text_shards: 1,000,000 are more jobs"),
        (("measurement", "samples"), 10**15, "measurement.shard_size: 1,000,000,000,000"),
        (("hpsv3", "prompt"), 3, "hpsv3.prompt: unknown key, did you mean 'prompts'?"),
        (
            ("hardware", "hpsv3_images_per_second"),
            0,
            "hpsv3_images_per_second: 0.0 is not positive",
        ),
    ],
)
def test_a_scale_that_geneval_judges(keys, value, message):
    settings = yaml.safe_load(T2I.read_text())
    part = settings
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    if keys == ("latents",):
        del settings["hpsv3"]
        settings["text"]["training_images"] = 8
        settings["dataset"] = "shapes"
    with pytest.raises(BadInput) as error:
        from_settings(settings)
    assert message in str(error.value)


def test_samples_share_out_over_the_prompts():
    settings = yaml.safe_load(T2I.read_text())
    asked = block_prompts(from_settings(settings), "test")
    assert len(asked) == 2212
    assert asked[:553] == asked[553:1106]
    settings["measurement"]["samples"] = 2000
    with pytest.raises(BadInput, match=r"measurement\.samples: 2000 images do not share out even"):
        block_prompts(from_settings(settings), "test")


def test_samples_of_hpsv3_s_prompts_are_shared_out_as_others_are():
    settings = yaml.safe_load(T2I.read_text())
    settings["hpsv3"]["prompts"] = 1200
    scale = from_settings(settings)
    assert scale.hpsv3_shards == ((0, 553), (553, 1106), (1106, 1200))
    assert scale.captions["hpdv3"] == 1200
    del settings["hpsv3"]
    scale = from_settings(settings)
    assert scale.hpsv3_shards == ()
    assert "hpdv3" not in scale.captions


def test_the_benchmark_s_captions_are_those_of_hpsv3(tmp_path):
    """By category, and repeated ones as often as they are there: sample i takes row i."""
    write_benchmark(tmp_path, {"characters": ["a", "b", "a"], "science": ["b", "a"]})
    settings = yaml.safe_load(T2I.read_text())
    settings["hpsv3"] |= {"benchmark": str(tmp_path), "prompts": 15}
    found = captions(from_settings(settings), "hpdv3")
    assert (found[:3], found[-2:], len(found)) == (["a", "b", "a"], ["b", "a"], 15)
    settings["hpsv3"]["prompts"] = 16
    with pytest.raises(BadInput, match=r"15 prompts, but hpsv3\.prompts is 16"):
        captions(from_settings(settings), "hpdv3")
    del settings["hpsv3"]
    with pytest.raises(BadInput, match="hpdv3: t2i512 has no hpsv3"):
        captions(from_settings(settings), "hpdv3")
