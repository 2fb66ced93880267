"""Images that models see as latents of an autoencoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.data.dataset import DatasetInfo
from bench.errors import BadInput
from bench.parsing import check_no_wildcards, check_positive

# Stable Diffusion's autoencoders: the side of a latent is an eighth of the image's.
DOWNSAMPLING = 8
CHANNELS = 4
# More channels than an image has are those of latents.
IMAGE_CHANNELS = 3
# Of a split.
MOST_SHARDS = 10_000


@dataclass(frozen=True)
class LatentsConfig:
    """Folders of images, and their encoding.

    Attributes:
        train, reference: folders with a folder of images per class, or with WebDataset tar shards;
            the models are trained on the first, the capacity gap is measured on the second. Images
            with captions lie in shards (bench/data/captioned_images.py).
        folder: the folder of the encoded shards.
        image_size: height and width of the images after ADM's centre crop.
        num_classes: number of classes; None where images have captions in the place of classes.
        score: the number beside an image's captions that a training may choose images by
            (training.score_above).
        autoencoder: a name in the zoo, or a folder with a diffusers AutoencoderKL.
        train_images, reference_images: number of images in each folder.
        captions_per_image: of images with captions, for estimates of time and disk alone.
        train_shards, reference_shards: number of files, and of jobs, for the latents of a split.
        train_text_shards, reference_text_shards: the same for what a text encoder makes of its
            captions.
        unreadable: ``refuse`` ends the encoding at an image that cannot be read, ``skip`` leaves it
            out and lists it.
    """

    train: str
    reference: str
    folder: str
    image_size: int = 256
    num_classes: int | None = 1000
    score: str | None = None
    autoencoder: str = "sd-vae-ft-ema"
    train_images: int = 1_281_167
    reference_images: int = 50_000
    train_shards: int = 256
    reference_shards: int = 8
    train_text_shards: int = 1
    reference_text_shards: int = 1
    captions_per_image: float = 1.0
    unreadable: Literal["refuse", "skip"] = "refuse"

    def __post_init__(self):
        for split in self.images:
            check_positive(self, f"{split}_images", f"{split}_shards", f"{split}_text_shards")
        check_positive(self, "image_size", "captions_per_image")
        if self.num_classes is not None:
            check_positive(self, "num_classes")
            if self.score is not None:
                raise BadInput("score: of images with captions, whose num_classes is null")
        check_no_wildcards(self, "folder", "autoencoder")
        if self.image_size % DOWNSAMPLING:
            raise BadInput(f"image_size: {self.image_size} is not a multiple of {DOWNSAMPLING}")
        for split, images in self.images.items():
            for key in (f"{split}_shards", f"{split}_text_shards"):
                if getattr(self, key) > MOST_SHARDS:
                    raise BadInput(
                        f"{key}: {getattr(self, key):,} are more jobs than can be planned, "
                        f"{MOST_SHARDS:,}; make fewer"
                    )
                if getattr(self, key) > images:
                    raise BadInput(
                        f"{key}: {getattr(self, key)} shards are more than {split}_images, "
                        f"{images}; a shard is of one image at least"
                    )

    @property
    def dataset_info(self) -> DatasetInfo:
        """Shape and classes of the latents."""
        return DatasetInfo(self.image_size // DOWNSAMPLING, CHANNELS, self.num_classes)

    @property
    def images(self) -> dict[str, int]:
        """Number of images by split."""
        return {"train": self.train_images, "reference": self.reference_images}

    @property
    def shards(self) -> dict[str, int]:
        """Number of files by split."""
        return {"train": self.train_shards, "reference": self.reference_shards}

    @property
    def text_shards(self) -> dict[str, int]:
        """Number of files of text states by split."""
        return {"train": self.train_text_shards, "reference": self.reference_text_shards}
