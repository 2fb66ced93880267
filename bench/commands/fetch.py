"""fetch: get the files of a dataset."""

from __future__ import annotations

from pathlib import Path

from bench.data.fetch import fetch
from bench.data.registry import fetched_datasets, module


def add_arguments(parser):
    parser.add_argument("dataset", choices=fetched_datasets(), help="by its name")
    parser.add_argument("--source", type=Path, help="folder that holds the files; no download")


def run(options):
    dataset = module(options.dataset)
    fetch(dataset, options.source)
    print(f"{dataset.FOLDER}: {len(dataset.FILES)} files, hashes as they should be")
