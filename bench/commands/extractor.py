"""extractor: train the classifier that a small scale is measured with."""

from __future__ import annotations

from bench.commands.options import add_config, add_device, add_out, choose_device
from bench.config.load import load
from bench.data.registry import dataset_info, load_split


def add_arguments(parser):
    add_config(parser)
    add_out(parser, "its weights (.safetensors); the header holds the held-out accuracy")
    add_device(parser)


def run(options):
    from bench.stages.extractor import train_classifier

    scale = load(options.config)
    accuracy = train_classifier(
        load_split(scale.dataset, "train"),
        load_split(scale.dataset, "reference"),
        dataset_info(scale.dataset),
        scale.extractor,
        options.out,
        choose_device(options.device),
    )
    print(f"classifier for {scale.dataset}: held-out accuracy {accuracy:.4f}")
