"""A published PRX, from its files to samples, against diffusers' own pipeline."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    PRXPipeline,
    PRXTransformer2DModel,
)
from diffusers.pipelines.prx import pipeline_prx
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from bench.__main__ import main
from bench.config.sampling import SamplingConfig
from bench.data import geneval_prompts
from bench.data.text_states import TextStates
from bench.files.tensors import read_description
from bench.guidance import build
from bench.sampling.models import load_models
from bench.sampling.sampler import Trajectory
from tests.models.autoencoders import write_autoencoder
from tests.models.prx_folders import OURS, write_prx
from tests.models.test_text_encoders import theirs
from tests.models.text_encoder_folders import write_text_encoder

CAPTIONS = ["a red circle", "a photo of a blue square and a red circle", "the square"]
STEPS = 5
WEIGHTS = "diffusion_pytorch_model.safetensors"
# Flux's autoencoder shifts its latents, and gives them more channels than Stable Diffusion's.
FLUX = {"latent_channels": 6, "scaling_factor": 0.3611, "shift_factor": 0.1159}


def convert(folder, out, *more, config=OURS):
    options = ["--weights", folder / "transformer", "--config", json.dumps(config), "--out", out]
    about = ["--dataset", "photographs", "--iterations", 7]
    return main([*map(str, ["convert", "prx", *options, *about]), *map(str, more)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every file that samples need."""
    folder = tmp_path_factory.mktemp("published")
    write_prx(folder / "transformer")
    write_text_encoder(folder / "text_encoder", "t5gemma")
    write_autoencoder(folder / "vae", **FLUX)
    (folder / "captions.txt").write_text("\n".join(CAPTIONS) + "\n")
    encoder = {"kind": "t5gemma", "length": 14, "weights": str(folder / "text_encoder")}
    command = ["encode-text", "--captions", folder / "captions.txt", "--device", "cpu"]
    command += ["--text-encoder", json.dumps(encoder), "--out", folder / "states.safetensors"]
    assert main([*map(str, command)]) == 0
    states = ("--text-states", folder / "states.safetensors")
    assert convert(folder, folder / "prx.safetensors", *states) == 0
    return folder


@pytest.fixture(scope="module")
def pipeline(folder):
    pipeline = PRXPipeline(
        PRXTransformer2DModel.from_pretrained(folder / "transformer"),
        FlowMatchEulerDiscreteScheduler(),
        theirs(folder / "text_encoder", "t5gemma").eval(),
        AutoTokenizer.from_pretrained(folder / "text_encoder"),
        AutoencoderKL.from_pretrained(folder / "vae"),
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="module")
def models(folder):
    files = (folder / name for name in ("prx.safetensors", "vae", "states.safetensors"))
    checkpoint, autoencoder, prompts = files
    return load_models(checkpoint, None, autoencoder, "cpu", prompts)


@pytest.fixture(autouse=True)
def without_ftfy(monkeypatch):
    """It mends broken encodings, of which prompts here have none, and is not installed."""
    monkeypatch.setattr(pipeline_prx, "ftfy", SimpleNamespace(fix_text=str), raising=False)


def images_of_their_pipeline(pipeline, trajectory, scale, timesteps):
    """-1..1, for the noise and the prompts of our trajectory, a sample at a time: with guidance,
    the pipeline takes no more."""
    images = []
    for row in range(len(trajectory.noise)):
        given, null = trajectory.given[row : row + 1], trajectory.null[row : row + 1]
        found = pipeline(
            prompt_embeds=given.states.float(),
            prompt_attention_mask=given.mask,
            negative_prompt_embeds=null.states.float(),
            negative_prompt_attention_mask=null.mask,
            latents=trajectory.noise[row : row + 1],
            timesteps=timesteps,
            guidance_scale=scale,
            height=64,
            width=64,
            use_resolution_binning=False,
            output_type="pt",
        )
        images.append(2 * found.images - 1)
    return torch.cat(images)


@pytest.mark.parametrize(
    ("spec", "scale"), [({"method": "unguided"}, 1.0), ({"method": "cfg", "omega": 5.0}, 5.0)]
)
def test_samples_are_those_of_their_pipeline(models, pipeline, spec, scale):
    settings = SamplingConfig(STEPS)
    source = models.conditions(settings)
    ours = Trajectory(models.networks, build(spec), settings, source, 0, [0, 1])
    timesteps = [1000 * (1 - step / STEPS) for step in range(STEPS)]
    theirs = images_of_their_pipeline(pipeline, ours, scale, timesteps)
    images = models.decode(ours.run()).clamp(-1, 1)
    torch.testing.assert_close(images, theirs, atol=1e-4, rtol=0)
    assert theirs.std() > 0.02


def test_shifted_steps_are_those_of_their_scheduler(models, pipeline):
    settings = SamplingConfig(STEPS, time_shift=3.0)
    source = models.conditions(settings)
    ours = Trajectory(models.networks, build({"method": "unguided"}), settings, source, 0, [0, 1])
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(sigmas=[1 - step / STEPS for step in range(STEPS)])
    x, given = ours.noise, ours.given
    for timestep in scheduler.timesteps:
        times = (timestep / 1000).expand(len(x))
        with torch.inference_mode():
            output = pipeline.transformer(x, times, given.states.float(), given.mask).sample
        x = scheduler.step(output, timestep, x).prev_sample
    assert settings.evaluations[1] == (1, pytest.approx(1 - float(scheduler.sigmas[1])))
    # Their times are rounded to fp32 before they are multiplied by 1,000.
    torch.testing.assert_close(ours.run(), x, atol=2e-3, rtol=0)
    assert x.std() > 0.5


def test_states_are_those_of_their_pipeline(folder, pipeline):
    states, mask, null, null_mask = pipeline.encode_prompt(
        CAPTIONS, "cpu", negative_prompt="", tokenizer_max_length=14
    )
    ours = TextStates(folder / "states.safetensors")
    found = ours[torch.arange(len(CAPTIONS))]
    for one, other, valid in ((found, states, mask), (ours.null, null[:1], null_mask[:1])):
        # They pad on the left; which place a state has is nothing to the image's attention.
        assert torch.equal(one.mask.sum(1), valid.sum(1))
        torch.testing.assert_close(one.states[one.mask].float(), other[valid], atol=0, rtol=0.01)


def test_the_official_prompts_need_none_of_their_cleaning():
    clean = pipeline_prx.TextPreprocessor().clean_text
    path = geneval_prompts.__file__.replace(".py", ".jsonl")
    with open(path, encoding="utf-8") as file:
        prompts = [json.loads(line)["prompt"] for line in file]
    assert len(prompts) == 553
    assert [clean(prompt) for prompt in prompts] == prompts


def test_sparse_guidance_samples_and_says_what_is_known_of_the_training(folder, tmp_path):
    spec = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.2, "gamma_weak": 0.7}
    out = tmp_path / "samples.safetensors"
    options = {
        "--checkpoint": folder / "prx.safetensors",
        "--autoencoder": folder / "vae",
        "--prompts": folder / "states.safetensors",
        "--guidance": json.dumps(spec),
        "--seed": 0,
        "--indices": "0:2",
        "--steps": 2,
        "--out": out,
        "--device": "cpu",
    }
    command = ["sample", *(str(part) for option in options.items() for part in option)]
    assert main(command) == 0
    assert read_description(out, "samples")["trained_with_routing"] == "unknown"
    states = ("--text-states", folder / "states.safetensors", "--trained-with-routing", "true")
    assert convert(folder, tmp_path / "prx.safetensors", *states) == 0
    description = read_description(tmp_path / "prx.safetensors", "checkpoint")
    assert description["trained_with_routing"] == "true"


def edit(path, change):
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, **change}))


def drop(path, name):
    weights = load_file(path)
    del weights[name]
    save_file(weights, path)


REFUSED = {
    "another class": (
        lambda folder: edit(folder / "config.json", {"_class_name": "SanaTransformer2DModel"}),
        OURS,
        "config.json: is of 'SanaTransformer2DModel', but a PRXTransformer2DModel is wanted",
    ),
    "pixels": (
        lambda folder: edit(folder / "config.json", {"bottleneck_size": 8}),
        OURS,
        "config.json: bottleneck_size: the model that paints pixels; take one of latents",
    ),
    "no configuration": (
        lambda folder: (folder / "config.json").unlink(),
        OURS,
        "config.json: cannot be read (No such file or directory)",
    ),
    "a weight is missing": (
        lambda folder: drop(folder / WEIGHTS, "blocks.1.modulation.lin.bias"),
        OURS,
        f"{WEIGHTS}: the weights lack blocks.1.modulation.lin.bias (1 in all)",
    ),
    "another size": (
        lambda folder: None,
        {**OURS, "depth": 5},
        "depth: the configuration has 5, but ",
    ),
    "a key that this suite does not know": (
        lambda folder: edit(folder / "config.json", {"guidance_embed": True}),
        OURS,
        "/transformer/config.json: guidance_embed: unknown key",
    ),
    "a value of another kind": (
        lambda folder: edit(folder / "config.json", {"axes_dim": [4, "x"]}),
        OURS,
        "/transformer/config.json: axes_dim[1]: expected a whole number, got 'x'",
    ),
    "a width that is not the heads'": (
        lambda folder: edit(folder / "config.json", {"axes_dim": [4, 4]}),
        OURS,
        "/transformer/config.json: axes_dim: [4, 4] are not the channels of a head",
    ),
    "an own value of another kind": (
        lambda folder: None,
        {**OURS, "depth": "x"},
        "error: depth: expected a whole number, got 'x'",
    ),
    "an own key that is unknown": (
        lambda folder: None,
        {**OURS, "rout": [1, 2]},
        "error: rout: unknown key, did you mean 'route'?",
    ),
    "weights of another size": (
        lambda folder: edit(folder / "config.json", {"mlp_ratio": 3}),
        OURS,
        "gate_proj.weight: the weights have [60, 24], the model [72, 24]",
    ),
    "a route too long": (
        lambda folder: None,
        {**OURS, "route": [1, 4]},
        "error: route: [1, 4] is outs",
    ),
    "other text states": (
        lambda folder: None,
        {**OURS, "text_length": 5},
        "the model takes [5, 16], but the text states have [14, 16]",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_line(case, folder, tmp_path, capsys):
    change, config, message = REFUSED[case]
    shutil.copytree(folder / "transformer", tmp_path / "transformer")
    change(tmp_path / "transformer")
    out = tmp_path / "out.safetensors"
    states = ("--text-states", folder / "states.safetensors")
    assert convert(tmp_path, out, *states, config=config) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_the_empty_prompt_is_asked_for(folder, tmp_path, capsys):
    assert convert(folder, tmp_path / "out.safetensors") == 2
    assert "--text-states: missing; prx keeps the states of" in capsys.readouterr().err
