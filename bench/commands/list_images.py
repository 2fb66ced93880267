"""list-images: list the images that a split is encoded from."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_config, add_out, add_split
from bench.config.load import load


def add_arguments(parser):
    add_config(parser)
    add_split(parser)
    add_out(parser, "where each image is, and its label or its captions (.csv)")


def run(options):
    from bench.data.captioned_images import list_captioned_images, write_captioned_listing
    from bench.data.class_folders import check_same_classes
    from bench.data.image_listing import list_images, write_listing

    latents = load(options.config).required_latents
    folder = Path(getattr(latents, options.split))
    count = latents.images[options.split]
    if latents.num_classes is None:
        write_captioned_listing(options.out, list_captioned_images(folder, count, latents.score))
        print(f"{folder}: {count:,} images with captions")
        return
    check_same_classes(Path(latents.train), Path(latents.reference))
    write_listing(options.out, list_images(folder, count, latents.num_classes))
    print(f"{folder}: {count:,} images of {latents.num_classes} classes")
