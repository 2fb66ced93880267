"""Trains the synthetic preference score of the shapes world."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bench.data.geneval import COLORS
from bench.data.shapes import SHAPES
from bench.data.shapes.training import described_scene
from bench.evaluation.preference_accuracies import held_out_accuracies
from bench.evaluation.preference_pairs import draw_contradictions, draw_pairs
from bench.evaluation.shapes_preference import (
    KIND,
    WIDTH,
    PreferenceNetwork,
    preference_loss,
    vocabulary,
)
from bench.files.atomic import write_text
from bench.files.tensors import write_tensors
from bench.progress import counted
from bench.provenance import software
from bench.seeds import generator

PAIRS = 24_000
STEPS, BATCH = 1_800, 48
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.01
WARM_UP = 0.05


def train_preference(seed: int, out: Path) -> dict[str, float]:
    """Trains the network on captions that are for training, writes it, and returns its accuracies
    on prompts that are for tuning. They stand in a table of the same name (.csv), too."""
    drawn = draw_contradictions(described_scene, seed, range(PAIRS))
    stream = generator(seed, "extractor")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream.initial_seed())
        network, grounding = PreferenceNetwork(), Grounding()
    parameters = [*network.parameters(), *grounding.parameters()]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=STEPS, pct_start=WARM_UP
    )
    for _ in counted(range(STEPS), "step"):
        rows = torch.randint(len(drawn), (BATCH,), generator=stream)
        loss = _loss(network, grounding, drawn, rows, stream)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    accuracies = held_out_accuracies(network.eval(), seed)
    description = {
        "kind": KIND,
        "vocabulary": list(vocabulary()),
        "accuracies": accuracies,
        "seed": seed,
        "steps": STEPS,
        "pairs": PAIRS,
        **software(),
    }
    rows = pd.DataFrame({"kind": accuracies.keys(), "accuracy": accuracies.values()})
    write_text(out.with_suffix(".csv"), rows.to_csv(index=False))
    write_tensors(out, network.state_dict(), description)
    return accuracies


class Grounding(nn.Module):
    """Tells from the features of an image which shape and which colour lies at each place.

    An auxiliary head, trained jointly and then discarded. Without it the network has to find out by
    itself what the words mean, and after 1,500 steps it was still at chance for colours.
    """

    def __init__(self):
        super().__init__()
        self.shape, self.color = (
            nn.Linear(WIDTH, len(SHAPES) + 1),
            nn.Linear(WIDTH, len(COLORS) + 1),
        )

    def loss(self, features: Tensor, shapes: Tensor, colors: Tensor) -> Tensor:
        """The cross-entropies of features [B, 36, 96] against int64 [B, 36] each, summed."""
        return F.cross_entropy(self.shape(features).transpose(1, 2), shapes) + F.cross_entropy(
            self.color(features).transpose(1, 2), colors
        )


def _loss(network, grounding, drawn, rows, stream):
    """Of pairs of images, of each better image with three captions, and of what is where in it."""
    better, worse, words = draw_pairs(drawn, rows, stream)
    features = network.features(torch.cat([better, worse]))
    of_better = features[: len(rows)]
    # A caption that is wrong in one point, and another image's, which is wrong in many.
    captions = [drawn.wrong_words[rows], words.roll(1, 0)]
    scores = network.score(
        torch.cat([features, of_better, of_better]), torch.cat([words, words, *captions])
    )
    right, wrong, *others = scores.split(len(rows))
    of_captions = torch.stack([right, *others], dim=1)
    return (
        preference_loss(right, wrong)
        + F.cross_entropy(of_captions, torch.zeros(len(rows), dtype=torch.int64))
        + grounding.loss(of_better, drawn.shapes[rows], drawn.colors[rows])
    )
