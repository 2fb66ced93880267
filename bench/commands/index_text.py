"""index-text: join shards of text states into one set of captions."""

from __future__ import annotations

from pathlib import Path


def add_arguments(parser):
    parser.add_argument(
        "--shards",
        required=True,
        type=Path,
        nargs="+",
        help="all shards of `encode-text --shard`, in order: shard-00000.safetensors and so on",
    )
    parser.add_argument(
        "--folder", required=True, type=Path, help="their folder, which manifest.json goes into"
    )


def run(options):
    from bench.data.text_shards import write_text_manifest

    manifest = write_text_manifest(options.folder, options.shards)
    # The last one is the empty caption.
    print(
        f"{options.folder}: {manifest['captions'] - 1:,} captions in {len(manifest['files'])} "
        f"shards, states of width {manifest['width']}"
    )
