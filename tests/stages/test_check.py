"""`check --deep`: each thing that is wrong is a line, before anything is spent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from bench.__main__ import main
from bench.config.load import from_settings
from bench.stages.check import problems
from tests.data.hpdv3 import write_benchmark
from tests.workflow.standin import write_standin

STANDIN = Path(__file__).parents[1] / "workflow" / "imagenet256-standin.yaml"


@pytest.fixture(scope="module")
def standin(tmp_path_factory, inception_weights, alexnet_weights):
    folder = tmp_path_factory.mktemp("standin")
    write_standin(folder, inception_weights, alexnet_weights)
    return folder


@pytest.fixture
def checked(standin, monkeypatch, capsys):
    """Checks a changed stand-in: the exit code, and what was said of what is wrong."""
    monkeypatch.chdir(standin)

    def check(*change):
        text = STANDIN.read_text()
        if change:
            assert change[0] in text
            text = text.replace(*change)
        Path("config.yaml").write_text(text)
        try:
            code = main(["check", "--deep", "config.yaml"])
        except SystemExit as stopped:
            code = stopped.code
        return code, capsys.readouterr().err.splitlines()

    return check


def test_all_is_fine(checked):
    assert checked() == (0, [])


def test_the_summary(capsys):
    assert main(["check", str(STANDIN.with_name("micro.yaml"))]) == 0
    # All of the 8 cells but the unguided one.
    assert capsys.readouterr().out.endswith(
        "fine; 3 runs, 8 cells on 2 seed blocks, 7 searches of 4 candidates\n"
    )


@pytest.mark.parametrize("verb", ["check", "cost --config", "estimate --config"])
def test_torch_is_not_needed(verb):
    command = [*verb.split(), str(STANDIN)]
    program = f"import sys; from bench.__main__ import main; main({command})"
    program += "; sys.exit('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("imagenet/train", "imagenet/absent"), "error: imagenet/absent: no such folder"),
        (("imagenet/train", "artefacts"), "error: artefacts: holds no images in class folders"),
        (("num_classes: 4", "num_classes: 5"), "has 4 classes with images, from 0 to 3"),
        (("train_images: 200", "train_images: 201"), "holds 200 images, but latents.train_images"),
        (("train_shards: 2", "train_shards: 201"), "201 shards are more than train_images, 200;"),
        (("artefacts/sit.pt", "absent.pt"), "error: absent.pt: no such file"),
        (("artefacts/sit.pt", "SiT-XL/2"), "SiT-XL-2-256.pt: missing; `python -m bench download"),
        (("artefacts/autoencoder", "artefacts"), "holds no AutoencoderKL of diffusers"),
        (("artefacts/reference.npz", "artefacts/alexnet.pth"), "artefacts/alexnet.pth: "),
        (("artefacts/alexnet.pth", "artefacts/sit.pt"), "artefacts/sit.pt: has no features.0"),
        (("artefacts/inception.pth", "artefacts/sit.pt"), "not torch-fidelity's Inception"),
        (("inception: {", "inception: {dinov2: artefacts/sit.pt, "), "not DINOv2's weights"),
    ],
)
def test_one_line_each(checked, change, message):
    code, lines = checked(*change)
    assert code == 2
    assert any(message in line for line in lines), lines
    assert all(line.startswith("error: ") for line in lines)


def test_a_checkpoint_of_another_size(checked):
    code, lines = checked(
        "model: {patch_size: 2, hidden_size: 16, depth: 2, num_heads: 2}\n    pretrained",
        "model: {patch_size: 2, hidden_size: 32, depth: 2, num_heads: 2}\n    pretrained",
    )
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith("error: artefacts/sit.pt: ")


def test_a_reference_batch_of_other_images(checked):
    batch = Path("artefacts/small.npz")
    with np.load("artefacts/reference.npz") as file:
        np.savez(batch, **{**file, "arr_0": file["arr_0"][:, :32, :32]})
    code, lines = checked("artefacts/reference.npz", str(batch))
    assert (code, len(lines)) == (2, 1)
    assert lines[0].endswith("images are 32 pixels wide, but latents.image_size is 64")


def test_a_class_that_is_named_otherwise_in_the_reference(checked, capsys):
    os.rename("imagenet/val/n01", "imagenet/val/n1")
    try:
        code, lines = checked()
        listed = main(["list-images", "--config=config.yaml", "--split=reference", "--out=out.csv"])
    finally:
        os.rename("imagenet/val/n1", "imagenet/val/n01")
    message = (
        "error: imagenet/train has the class folder 'n01' and imagenet/val has the class folder "
        "'n1' that the other has not; "
    )
    assert code == listed == 2
    assert len(lines) == 1
    assert lines[0].startswith(message)
    assert capsys.readouterr().err.startswith(message)
    assert not Path("out.csv").exists()


def test_several_lines_at_once(checked):
    torch.save({"a": torch.zeros(1)}, "artefacts/other.pt")
    code, lines = checked("artefacts/sit.pt", "artefacts/other.pt")
    assert code == 2
    os.rename("imagenet/val", "imagenet/elsewhere")
    try:
        assert len(checked("artefacts/sit.pt", "artefacts/other.pt")[1]) == len(lines) + 1
    finally:
        os.rename("imagenet/elsewhere", "imagenet/val")


def test_what_hpsv3_needs_is_looked_at(tmp_path):
    """Each of it is a line of its own where it is missing, and none where it is there."""
    settings = yaml.safe_load((STANDIN.parents[2] / "workflow/config/t2i512.yaml").read_text())
    paths = {name: str(tmp_path / name) for name in ("benchmark", "python", "weights")}
    settings["hpsv3"] = {**paths, "prompts": 13}
    scale = from_settings(settings)

    def lines():
        return [line for line in problems(scale) if line.startswith(str(tmp_path))]

    missing = lines()
    for name, fault in (
        ("benchmark", "lacks benchmark_*.json of characters, "),
        ("python", "no interpreter; install envs/hpsv3.txt"),
        ("weights", "missing; name another in hpsv3.weights"),
    ):
        assert [line for line in missing if line.startswith(f"{paths[name]}: {fault}")], missing
    assert len(missing) == 3
    write_benchmark(tmp_path / "benchmark", {})
    (tmp_path / "python").symlink_to(sys.executable)
    (tmp_path / "weights").write_bytes(b"")
    assert lines() == [
        f"{paths['benchmark']}: holds 12 prompts, but hpsv3.prompts is 13; correct it"
    ]
    write_benchmark(tmp_path / "benchmark", {"food": ["a meal", "a dish"]})
    assert lines() == []


def test_the_packaged_text_encoder_is_looked_at():
    settings = yaml.safe_load(STANDIN.with_name("shapes-micro.yaml").read_text())
    assert list(problems(from_settings(settings))) == []
    settings["text"]["encoder"]["length"] = 600
    (line,) = problems(from_settings(settings))
    assert line.startswith("text_encoder.length: 600 is more than the 512 places that the model of")
