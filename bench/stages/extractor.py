"""Trains the classifier whose features a small scale is measured in."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
import torch.nn.functional as F

from bench.config.evaluation import ExtractorConfig
from bench.data.dataset import DatasetInfo, Split
from bench.evaluation.classifier import KIND, Classifier
from bench.files.tensors import write_tensors
from bench.progress import counted
from bench.seeds import generator

# Keeps the features of images it was trained on near those of images it was not.
LABEL_SMOOTHING = 0.1


def train_classifier(
    train: Split,
    held_out: Split,
    info: DatasetInfo,
    settings: ExtractorConfig,
    out: Path,
    device: str,
) -> float:
    """Trains on one split, writes the weights, and returns the accuracy on the other."""
    architecture = {
        "in_channels": info.in_channels,
        "num_classes": info.num_classes,
        "width": settings.width,
    }
    stream = generator(settings.seed, "extractor")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream.initial_seed())
        model = Classifier(**architecture).to(device)
    images, labels = (torch.from_numpy(array).to(device) for array in (train.images, train.labels))
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    for _ in counted(range(settings.epochs), "epoch"):
        for rows in torch.randperm(len(train), generator=stream).split(settings.batch_size):
            rows = rows.to(device)
            optimizer.zero_grad(set_to_none=True)
            shifted = _shift(images[rows], stream)
            F.cross_entropy(
                model(shifted), labels[rows], label_smoothing=LABEL_SMOOTHING
            ).backward()
            optimizer.step()
    accuracy = _accuracy(model, held_out, settings.batch_size, device)
    description = {
        "kind": KIND,
        "architecture": architecture,
        "settings": dataclasses.asdict(settings),
        "held_out_accuracy": accuracy,
    }
    write_tensors(out, model.state_dict(), description)
    return accuracy


def _shift(images, stream):
    """The batch moved by -1, 0 or 1 pixel along each axis, black coming in."""
    down, right = torch.randint(3, (2,), generator=stream).tolist()
    height, width = images.shape[-2:]
    return F.pad(images, (1, 1, 1, 1))[..., down : down + height, right : right + width]


@torch.inference_mode()
def _accuracy(model, split, batch_size, device):
    images, labels = torch.from_numpy(split.images), torch.from_numpy(split.labels)
    correct = sum(
        int((model(batch.to(device)).argmax(1).cpu() == expected).sum())
        for batch, expected in zip(images.split(batch_size), labels.split(batch_size))
    )
    return correct / len(split)
