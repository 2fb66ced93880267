"""How often the synthetic preference score is right, on pairs of images that it was not trained
on."""

from __future__ import annotations

from collections import Counter

import torch
from torch import Generator

from bench.data.shapes.degradations import DEGRADATIONS, SEVERITIES, degrade
from bench.data.shapes.prompts import prompt_at
from bench.data.shapes.scenes import draw_scene
from bench.evaluation.preference_pairs import Contradictions, draw_contradictions
from bench.evaluation.shapes_preference import PreferenceNetwork
from bench.seeds import generator

PAIRS, BATCH = 1_200, 48


@torch.inference_mode()
def held_out_accuracies(network: PreferenceNetwork, seed: int) -> dict[str, float]:
    """The share of pairs in which the better image has the higher score: by kind of contradiction,
    and by kind and severity of degradation (against the clean image). Their captions are prompts
    for tuning, and ``seed`` is that of the training."""

    def tuning_scene(stream: Generator):
        metadata = prompt_at("tuning", int(torch.randint(1 << 20, (), generator=stream)))
        return draw_scene(metadata, stream), metadata["include"]

    # Indices beyond those of the training.
    drawn = draw_contradictions(tuning_scene, seed, range(1 << 30, (1 << 30) + PAIRS))
    clean = _scores(network, drawn.right, drawn.words)
    won = clean > _scores(network, drawn.wrong, drawn.words)
    return {
        **_shares(won, drawn),
        **_degraded(network, drawn, clean, generator(seed, "validation")),
    }


def _shares(won, drawn: Contradictions):
    total = Counter(drawn.kinds)
    right = Counter(kind for kind, better in zip(drawn.kinds, won.tolist()) if better)
    return {kind: right[kind] / total[kind] for kind in sorted(total)}


def _degraded(network, drawn, clean, stream):
    found = {}
    for kind in DEGRADATIONS:
        for severity in SEVERITIES:
            spoilt = degrade(drawn.right, kind, severity, stream)
            won = clean > _scores(network, spoilt, drawn.words)
            found[f"{kind} {severity}"] = won.float().mean().item()
    return found


def _scores(network, images, words):
    parts = zip(images.split(BATCH), words.split(BATCH))
    return torch.cat([network(*pair) for pair in parts])
