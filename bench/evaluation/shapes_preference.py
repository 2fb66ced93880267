"""The synthetic preference score of the shapes world.

A learnt score of how well an image is drawn and fits its caption, in the place that HPSv3 has for
photographs; it is not HPSv3, knows nothing of people's taste, and is worth what the held-out
accuracies in preference.csv say, which are to be printed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bench.data.geneval import TASKS
from bench.data.pixels import from_uint8
from bench.data.shapes.prompts import prompts
from bench.errors import BadInput
from bench.files.hashes import sha256_of
from bench.files.tensors import check_finite, read_tensors
from bench.parsing import suggest

KIND = "shapes preference"
WIDTH, HEADS, LAYERS = 96, 4, 2
# The side of the grid of image features, and the largest number of words.
GRID, WORDS = 6, 12
PADDING = 0
BOUND = 10.0
BATCH = 256


class PreferenceNetwork(nn.Module):
    """Images uint8 [B, 3, 48, 48] and captions int64 [B, 12] to scores [B] from -10 to 10.

    A convolutional network gives features on a grid of 6 x 6, to which the words of the caption
    attend, each with its neighbours. The score is what the words found plus what the image looks
    like by itself. It is bounded, so that no image makes up for the flaws of others.
    """

    def __init__(self):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(3, WIDTH // 2, 4, stride=2, padding=1),
            nn.SiLU(),
            *_halving(WIDTH // 2, WIDTH),
            *_halving(WIDTH, WIDTH),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
        )
        # Of coordinates: to tell a relation, words compare where they found their objects.
        self.place = nn.Linear(2, WIDTH)
        self.words = nn.Embedding(len(vocabulary()) + 1, WIDTH, padding_idx=PADDING)
        self.neighbours = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.order = nn.Parameter(0.5 * torch.randn(WORDS, WIDTH))
        self.layers = nn.ModuleList(
            nn.TransformerDecoderLayer(
                WIDTH, HEADS, 2 * WIDTH, dropout=0.0, batch_first=True, norm_first=True
            )
            for _ in range(LAYERS)
        )
        self.fit, self.quality = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)

    def features(self, images: Tensor) -> Tensor:
        """What is at each place of the images, [B, 36, 96], row by row."""
        return self.convolutions(from_uint8(images)).flatten(2).transpose(1, 2)

    def score(self, features: Tensor, words: Tensor) -> Tensor:
        """The scores [B] of images with these features."""
        padding = words == PADDING
        embedded = self.words(words)
        found = embedded + self.neighbours(embedded.transpose(1, 2)).transpose(1, 2) + self.order
        placed = features + self.place(_coordinates(features))
        for layer in self.layers:
            found = layer(found, placed, tgt_key_padding_mask=padding)
        kept = (~padding)[..., None]
        mean = (found * kept).sum(1) / kept.sum(1)
        score = (self.fit(mean) + self.quality(features.mean(1))).squeeze(1)
        return BOUND * torch.tanh(score / BOUND)

    def forward(self, images: Tensor, words: Tensor) -> Tensor:
        return self.score(self.features(images), words)


class ShapesPreference:
    """A trained network as a score of images.

    Raises:
        BadInput: the file holds no such network.
    """

    def __init__(self, weights: Path, device: str):
        tensors, description = read_tensors(weights, KIND, keys=("vocabulary",))
        if description["vocabulary"] != list(vocabulary()):
            raise BadInput(f"{weights}: of other captions; train it anew")
        self.network = PreferenceNetwork()
        check_finite(weights, tensors)
        try:
            self.network.load_state_dict(tensors)
        except RuntimeError as error:
            problem = str(error).splitlines()[1].strip()
            raise BadInput(f"{weights}: of another network ({problem}); train it anew") from None
        self.network.to(device).eval().requires_grad_(False)
        self.device = device
        self.name = f"synthetic preference of shapes {sha256_of(weights)[:12]}"

    @torch.inference_mode()
    def score(self, images: Tensor, captions: Sequence[str]) -> Tensor:
        """The scores [N] of images uint8 [N, 3, 48, 48] for their captions, from -10 to 10; only
        differences mean anything.

        Raises:
            BadInput: there is not one caption for each image, or a caption is empty or has a word
                that no prompt of the shapes world has.
        """
        if len(images) != len(captions):
            raise BadInput(f"{len(images)} images and {len(captions)} captions; give one for each")
        parts = zip(images.split(BATCH), word_indices(captions).split(BATCH))
        return torch.cat(
            [self.network(*(part.to(self.device) for part in pair)).cpu() for pair in parts]
        )


def preference_loss(better: Tensor, worse: Tensor) -> Tensor:
    """The mean negative log-likelihood of preferences under the Bradley-Terry model, of scores [B]
    each."""
    return -F.logsigmoid(better - worse).mean()


@cache
def vocabulary() -> tuple[str, ...]:
    """The words of all prompts, in alphabetical order."""
    texts = [
        metadata["prompt"]
        for part in ("train", "tuning", "test")
        for task in TASKS
        for metadata in prompts(part, task)
    ]
    return tuple(sorted({word for text in texts for word in text.split()}))


def word_indices(captions: Sequence[str]) -> Tensor:
    """Captions as int64 [N, 12], padded with 0.

    Raises:
        BadInput: a word is unknown, or there are more than 12 or none.
    """
    index = {word: number for number, word in enumerate(vocabulary(), start=1)}
    rows = torch.full((len(captions), WORDS), PADDING)
    for row, text in zip(rows, captions):
        words = text.split()
        if not words:
            raise BadInput(f"{text!r}: has no words")
        unknown = [word for word in words if word not in index]
        if unknown:
            raise BadInput(f"{text!r}: unknown word {unknown[0]!r}{suggest(unknown[0], index)}")
        if len(words) > WORDS:
            raise BadInput(f"{text!r}: has more than {WORDS} words")
        row[: len(words)] = torch.tensor([index[word] for word in words])
    return rows


def _coordinates(like):
    """x and y of the places of the grid, between -1 and 1, [36, 2]."""
    along = (torch.arange(GRID, device=like.device) + 0.5) * (2 / GRID) - 1
    return torch.stack(torch.meshgrid(along, along, indexing="xy"), dim=2).flatten(0, 1)


def _halving(inputs, outputs):
    """Layers that halve height and width."""
    return (
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1),
        nn.GroupNorm(8, outputs),
        nn.SiLU(),
    )
