"""download: get published weights and reference data of the zoo."""

from __future__ import annotations


def add_arguments(parser):
    parser.add_argument("names", nargs="+", help="of bench/zoo/zoo.csv, such as SiT-XL/2")


def run(options):
    from bench.zoo.download import download
    from bench.zoo.table import files_of

    for artefact in [found for name in options.names for found in files_of(name)]:
        download(artefact)
        print(f"{artefact.path}: {artefact.path.stat().st_size:,} bytes, {artefact.licence}")
