"""Folders of any name: of the data, and of the checkout with its environment."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import venv

import pytest
import yaml

from tests.data.images import write_image_folder
from tests.models.autoencoders import write_autoencoder
from tests.workflow.conftest import MICRO, ROOT, snakemake
from tests.workflow.standin import CLASSES, write_sit

STANDIN = MICRO.with_name("imagenet256-standin.yaml")
ODD = """it's "odd" & ü $(x)"""


def test_data_in_a_folder_of_any_name(tmp_path):
    settings = yaml.safe_load(STANDIN.read_text())
    settings["dataset"] = ODD
    settings["latents"] |= {
        "reference": f"{ODD}/val",
        "folder": f"{ODD}/latents",
        "autoencoder": f"{ODD}/autoencoder",
    }
    settings["runs"]["sit"]["pretrained"]["weights"] = {100: f"{ODD}/sit.pt"}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    write_image_folder(tmp_path / ODD / "val", 5, classes=CLASSES)
    write_autoencoder(tmp_path / ODD / "autoencoder")
    write_sit(tmp_path / ODD / "sit.pt")
    targets = [
        f"{ODD}/latents/reference/manifest.json",
        "results/imagenet256-standin/checkpoints/sit/step-00000100.safetensors",
    ]
    code, output = snakemake(tmp_path, config, "--quiet", "rules", "--", *targets)
    assert code == 0, output
    assert all((tmp_path / target).exists() for target in targets)


@pytest.fixture
def checkout(tmp_path):
    """A checkout in a folder of any name, with an environment in it that has our packages."""
    folder = tmp_path / ODD
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    shutil.copy(ROOT / "Snakefile", folder)
    (folder / "bench").symlink_to(ROOT / "bench")
    venv.create(folder / ".venv", symlinks=True)
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text("\n".join(site.getsitepackages()))
    return folder


def test_a_checkout_in_a_folder_of_any_name(checkout):
    python = checkout / ".venv" / "bin" / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    target = "results/micro/extractor.safetensors"
    command = [python, "-m", "snakemake", "--cores", "1", "--configfile", MICRO, "--", target]
    result = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert (checkout / target).exists()
