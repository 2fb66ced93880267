"""What latents and their models were made from decides if they are made anew."""

from __future__ import annotations

import pytest
import yaml

from tests.data.images import write_image_folder
from tests.models.autoencoders import write_autoencoder
from tests.workflow.conftest import MICRO, snakemake
from tests.workflow.standin import CLASSES
from tests.workflow.test_dag import jobs_by_rule

SETTINGS = yaml.safe_load(MICRO.with_name("imagenet256-standin.yaml").read_text())
SETTINGS["latents"] |= {"train_images": 16, "train_shards": 1}
MODEL = "results/imagenet256-standin/checkpoints/masked/step-00000004.safetensors"


def run(folder, *options, **changes):
    """The output of a run, as far as a model, with changed settings of the latents."""
    config = folder / "config.yaml"
    latents = {**SETTINGS["latents"], **changes}
    config.write_text(yaml.safe_dump({**SETTINGS, "latents": latents}))
    code, output = snakemake(folder, config, *options, "--", MODEL)
    assert code == 0, output
    return output


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("latents")
    for split in ("train", "val"):
        write_image_folder(folder / "imagenet" / split, 4, classes=CLASSES)
    write_autoencoder(folder / "artefacts" / "autoencoder")
    run(folder)
    return folder


@pytest.mark.parametrize(
    ("changes", "encoded"),
    [
        ({}, 0),
        ({"image_size": 32}, 1),
        ({"unreadable": "skip"}, 1),
        ({"train_shards": 2}, 2),
        ({"reference_shards": 2}, 0),
    ],
)
def test_settings_that_images_are_encoded_by(trained, changes, encoded):
    jobs = jobs_by_rule(run(trained, "--dry-run", **changes))
    following = {"encode": encoded, "index_latents": 1, "train_masked": 1}
    assert jobs == (following if encoded else {})
