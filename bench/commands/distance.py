"""distance: measure how far guidance moves each sample."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device
from bench.errors import BadInput
from bench.files.atomic import write_text

BATCH = 256


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
    import pandas as pd

    if len(options.samples) != len(options.unguided):
        raise BadInput("--unguided: name as many files as --samples, in the same order")
    distance, device = _distance(options)
    pairs = zip(options.samples, options.unguided)
    shards = [_distances(*pair, distance, device) for pair in pairs]
    write_text(options.out, pd.concat(shards).to_csv(index=False, float_format="%.5f"))
    print(f"{options.out}: {sum(map(len, shards))} distances")


def _distance(options):
    from bench.evaluation.classifier import read_classifier
    from bench.evaluation.lpips import Lpips
    from bench.evaluation.perceptual import perceptual_distance

    device = choose_device(options.device)
    if options.lpips_backbone:
        return Lpips(options.lpips_backbone, device), device
    return partial(perceptual_distance, read_classifier(options.extractor).to(device)), device


def _distances(samples, unguided, distance, device):
    import pandas as pd
    import torch

    from bench.files.tensors import read_tensors
    from bench.sampling.files import KIND

    keys = ("seed", "indices", "checkpoint_sha256")
    (guided, about), (plain, other) = (
        read_tensors(path, KIND, ("images",), keys) for path in (samples, unguided)
    )
    if any(about[key] != other[key] for key in keys):
        raise BadInput(f"{unguided}: not the seeds, indices and checkpoint of {samples}")
    pairs = zip(guided["images"].split(BATCH), plain["images"].split(BATCH))
    found = [distance(a.to(device), b.to(device)) for a, b in pairs]
    return pd.DataFrame(
        {
            "seed": about["seed"],
            "index": range(*about["indices"]),
            "distance": torch.cat(found).cpu().numpy(),
        }
    )
