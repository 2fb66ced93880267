"""features: extract the features of samples or of a dataset's split."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, choose_device, positive
from bench.errors import BadInput


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--samples", type=Path, nargs="+", help="files that `sample` wrote")
    source.add_argument(
        "--split", nargs=2, metavar=("DATASET", "SPLIT"), help="real images: train or reference"
    )
    parser.add_argument("--limit", type=positive, help="only the first so many images of each")
    parser.add_argument("--extractor", required=True, type=Path, help="file of `extractor`")
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        nargs="+",
        help="pool, spatial and probabilities (.safetensors), a file for each of the samples'",
    )
    add_device(parser)


def run(options):
    import torch

    from bench.data.registry import load_split
    from bench.metrics.features import Extractor, write_features
    from bench.sampling.files import KIND
    from bench.tensors import read_tensors

    extractor = Extractor(options.extractor, choose_device(options.device))
    sources = options.samples or [options.split]
    if len(options.out) != len(sources):
        raise BadInput(f"--out: {len(options.out)} files for {len(sources)} sets of images")
    for source, out in zip(sources, options.out):
        if options.samples:
            tensors, about = read_tensors(source, KIND, tensors=("images",))
            images = tensors["images"]
        else:
            images = torch.from_numpy(load_split(*source).images)
            about = dict(zip(("dataset", "split"), source))
        write_features(out, extractor(images[: options.limit]), extractor, about)
