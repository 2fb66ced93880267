"""features: extract the features of samples, of a scale's real images, or of a reference batch."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_extractor, choose_device, positive
from bench.config.load import load
from bench.errors import BadInput
from bench.parsing import suggest

SPLITS = ("train", "reference")


def add_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--samples", type=Path, nargs="+", help="files that `sample` wrote")
    source.add_argument(
        "--split", nargs=2, metavar=("CONFIG", "SPLIT"), help="real images: train or reference"
    )
    source.add_argument(
        "--reference-batch", type=Path, help="the ADM evaluator's, with its statistics (.npz)"
    )
    parser.add_argument("--limit", type=positive, help="of --split: only so many images")
    add_extractor(parser)
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        nargs="+",
        help="pool, spatial and probabilities (.safetensors), a file for each of the samples'",
    )
    add_device(parser)


def run(options):
    from bench.evaluation.extractor import load_extractor
    from bench.evaluation.features import joined, write_features

    sources = options.samples or [options.split or options.reference_batch]
    if len(options.out) != len(sources):
        raise BadInput(f"--out: {len(options.out)} files for {len(sources)} sets of images")
    extractor = load_extractor(options.extractor, choose_device(options.device))
    for source, out in zip(sources, options.out):
        images, about, statistics = _read(options, source)
        write_features(out, joined(map(extractor, images)), extractor.name, about, statistics)


def _read(options, source):
    """Images in parts, what they are, and the statistics that come with them."""
    from bench.data.splits import real_images
    from bench.evaluation.reference import read_batch
    from bench.files.tensors import read_tensors
    from bench.sampling.files import KIND

    if options.samples:
        tensors, about = read_tensors(source, KIND, tensors=("images",))
        return [tensors["images"]], about, {}
    if options.split:
        scale, split = load(Path(source[0])), source[1]
        if split not in SPLITS:
            raise BadInput(f"--split: unknown split {split!r}{suggest(split, SPLITS)}")
        about = {"dataset": scale.dataset, "split": split}
        return real_images(scale, split, options.limit), about, {}
    images, statistics = read_batch(source)
    return [images], {"reference_batch": source.name}, statistics
