"""Whether what a configuration names is there and fits, before any GPU time is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.config.scale import Scale
from bench.data.image_listing import list_images
from bench.data.latent_shards import MANIFEST, read_manifest
from bench.data.registry import files
from bench.errors import BadInput
from bench.evaluation.inception import InceptionExtractor
from bench.evaluation.lpips import Lpips
from bench.evaluation.reference import read_batch
from bench.files.download import verify
from bench.models import from_official
from bench.models.autoencoder import Autoencoder
from bench.models.published import read_published
from bench.zoo.table import artefacts, resolve


def problems(scale: Scale) -> Iterator[str]:
    """A line for each path that is missing, each file that is damaged or another one, and each
    shape that does not fit."""
    for inspect in _inspections(scale):
        try:
            inspect()
        except BadInput as error:
            yield str(error)


def _inspections(scale) -> Iterator[Callable[[], object]]:
    for path in files(scale.dataset) if not scale.latents else ():
        yield partial(_present, path, f"`python -m bench fetch {scale.dataset}`")
    for name, run in scale.runs.items():
        for source in run.pretrained.weights.values() if run.pretrained else ():
            yield partial(_named, source, partial(_check_weights, scale, name, source))
    if scale.latents:
        yield from _of_latents(scale.latents)
        yield from _of_inception(scale)


def _of_latents(latents):
    for split, count in latents.images.items():
        source, encoded = Path(getattr(latents, split)), Path(latents.folder) / split
        yield partial(list_images, source, count, latents.num_classes)
        if (encoded / MANIFEST).exists():
            yield partial(read_manifest, encoded)
    folder = resolve(latents.autoencoder)
    yield partial(_named, latents.autoencoder, partial(Autoencoder, folder, "cpu"))


def _of_inception(scale):
    names, size = scale.inception, scale.latents.image_size
    weights, backbone = resolve(names.weights), resolve(names.lpips)
    yield partial(_named, names.weights, partial(InceptionExtractor, weights, "cpu"))
    yield partial(_named, names.lpips, partial(Lpips, backbone, "cpu"))
    yield partial(_named, names.reference, partial(_check_batch, resolve(names.reference), size))


def _named(name, inspect):
    """Verifies the zoo's files of that name, if there are any, before they are read."""
    for artefact in artefacts():
        if artefact.name == name:
            _present(artefact.path, f"`python -m bench download {name}`")
            verify(artefact.path, artefact.sha256)
    inspect()


def _present(path, remedy):
    if not path.is_file():
        raise BadInput(f"{path}: missing; {remedy}")


def _check_weights(scale, name, source):
    run, path = scale.runs[name], resolve(source)
    weights = read_published(path)
    try:
        from_official(run.pretrained.kind, weights, **scale.model(run).constructor_arguments)
    except BadInput as error:
        raise error.in_file(path) from None


def _check_batch(path, size):
    images, _ = read_batch(path)
    if images.shape[-2:] != (size, size):
        raise BadInput(
            f"{path}: its images are {images.shape[-1]} pixels wide, but latents.image_size is "
            f"{size}"
        )
