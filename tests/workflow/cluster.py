"""A scale with `hardware` whose jobs can be planned where none of its files are."""

from __future__ import annotations

from pathlib import Path

from tests.workflow.conftest import MICRO

# Names of the zoo in place of files.
ZOO = {
    "artefacts/autoencoder": "sd-vae-ft-ema",
    "artefacts/inception.pth": "inception-2015",
    "artefacts/reference.npz": "adm-imagenet256",
    "artefacts/alexnet.pth": "alexnet",
    "artefacts/sit.pt": "SiT-XL/2",
    "hardware: {}": "hardware: {training_gpus: 2}",
}


def write_cluster(path: Path) -> Path:
    """Writes the configuration; returns its path."""
    text = MICRO.with_name("imagenet256-standin.yaml").read_text()
    for old, new in ZOO.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path
