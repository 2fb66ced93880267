"""A pretended package `hpsv3`, whose scores are known."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

# The published package has (image_paths, prompts); here they are the other way round, as the
# repository once had them.
PACKAGE = """
import torch
from PIL import Image


class HPSv3RewardInferencer:
    def __init__(self, config_path=None, checkpoint_path=None, device="cuda"):
        assert device == "{device}", device
        self.bonus = {bonus}
        if checkpoint_path is not None:
            self.bonus += len(open(checkpoint_path).read())

    def reward(self, prompts, image_paths):
        assert not torch.is_grad_enabled()
        means = [
            Image.open(path).getpixel((0, 0))[0] + 100 * len(text) + self.bonus
            for path, text in zip(image_paths, prompts)
        ]
        return torch.tensor([[mean, -1.0] for mean in means])
"""
BONUS = 0.5


def write_package(site: Path, device: str, bonus: str = str(BONUS)) -> None:
    """The package in a folder for PYTHONPATH.

    Args:
        device: the only one that it takes.
        bonus: what it adds to every score, an expression.
    """
    package = site / "hpsv3"
    package.mkdir(parents=True, exist_ok=True)
    text = PACKAGE.replace("{device}", device).replace("{bonus}", bonus)
    (package / "__init__.py").write_text(text)


def score(image: Path, prompt: str, weights: Path) -> float:
    """The package's score: an image's first grey level, and the prompt's length in hundreds, so
    that an exchange of images or prompts shows; the length of the weights counts, too."""
    grey = Image.open(image).getpixel((0, 0))[0]
    return grey + 100 * len(prompt) + BONUS + weights.stat().st_size
