"""distance: measure how far guidance moves each sample."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.errors import BadInput


def add_arguments(parser):
    parser.add_argument(
        "--samples", required=True, type=Path, nargs="+", help="files that `sample` wrote"
    )
    parser.add_argument(
        "--unguided", required=True, type=Path, nargs="+", help="the same seeds without guidance"
    )
    network = parser.add_mutually_exclusive_group(required=True)
    network.add_argument("--extractor", type=Path, help="file of `extractor`: distances in it")
    network.add_argument("--lpips-backbone", type=Path, help="torchvision's AlexNet (.pth): LPIPS")
    add_out(parser, "a row per sample: seed, index, distance (.csv)")
    add_device(parser)


def run(options):
    from bench.stages.distance import measure_distances

    if len(options.samples) != len(options.unguided):
        raise BadInput("--unguided: name as many files as --samples, in the same order")
    device = choose_device(options.device)
    distance = _distance(options, device)
    count = measure_distances(options.samples, options.unguided, distance, device, options.out)
    print(f"{options.out}: {count} distances")


def _distance(options, device):
    """The distance in the layers of the network that the options name."""
    from bench.evaluation.classifier import read_classifier
    from bench.evaluation.lpips import Lpips
    from bench.evaluation.perceptual import perceptual_distance

    if options.lpips_backbone:
        return Lpips(options.lpips_backbone, device)
    return partial(perceptual_distance, read_classifier(options.extractor).to(device))
