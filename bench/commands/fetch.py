"""fetch: get the files of a dataset."""

from __future__ import annotations

from pathlib import Path

from bench.data.fetch import fetch
from bench.data.registry import fetched_datasets, module


def add_arguments(parser):
    parser.add_argument("dataset", choices=fetched_datasets(), help="name of the dataset")
    parser.add_argument(
        "--source", type=Path, help="folder that holds the files, in place of a download"
    )


def run(options):
    dataset = module(options.dataset)
    fetch(dataset, options.source)
    print(f"{dataset.FOLDER}: {len(dataset.FILES)} files with the right SHA-256")
