"""index-latents: join shards of latents into a dataset."""

from __future__ import annotations

from pathlib import Path


def add_arguments(parser):
    parser.add_argument(
        "--shards",
        required=True,
        type=Path,
        nargs="+",
        help="all shards of `encode`, in order: shard-00000.safetensors and so on",
    )
    parser.add_argument(
        "--folder", required=True, type=Path, help="their folder, which manifest.json goes into"
    )


def run(options):
    from bench.data.latent_shards import write_manifest

    manifest = write_manifest(options.folder, options.shards)
    print(
        f"{options.folder}: {manifest['samples']:,} latents in {len(manifest['files'])} shards, "
        f"{len(manifest['unreadable'])} images left out"
    )
