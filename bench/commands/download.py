"""download: get published weights and reference data of the zoo."""

from __future__ import annotations


def add_arguments(parser):
    parser.add_argument("names", nargs="+", help="names in bench/zoo/zoo.csv, such as SiT-XL/2")


def run(options):
    from bench.files.download import download
    from bench.zoo.table import files_of

    for artefact in [found for name in options.names for found in files_of(name)]:
        download(artefact.address, artefact.path, artefact.sha256)
        print(f"{artefact.path}: {artefact.path.stat().st_size:,} bytes, {artefact.licence}")
