"""features: extract the features of samples or of a dataset's split."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device, positive


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--samples", type=Path, help="file that `sample` wrote")
    source.add_argument(
        "--split", nargs=2, metavar=("DATASET", "SPLIT"), help="real images: train or reference"
    )
    parser.add_argument("--limit", type=positive, help="only the first so many images")
    parser.add_argument("--extractor", required=True, type=Path, help="file of `extractor`")
    add_out(parser, "pool, spatial and probabilities (.safetensors)")
    add_device(parser)


def run(options):
    import torch

    from bench.data.registry import load_split
    from bench.metrics.features import Extractor, write_features
    from bench.sampling.files import KIND
    from bench.tensors import read_tensors

    if options.samples:
        tensors, source = read_tensors(options.samples, KIND, tensors=("images",))
        images = tensors["images"]
    else:
        dataset, split = options.split
        images = torch.from_numpy(load_split(dataset, split).images)
        source = {"dataset": dataset, "split": split}
    extractor = Extractor(options.extractor, choose_device(options.device))
    write_features(options.out, extractor(images[: options.limit]), extractor, source)
