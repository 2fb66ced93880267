"""Checks that everything a configuration names exists, is undamaged and fits, before any GPU time
is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.config.scale import Scale
from bench.data.captioned_images import list_captioned_images
from bench.data.class_folders import check_same_classes
from bench.data.image_listing import list_images
from bench.data.registry import files
from bench.data.shards import MANIFEST
from bench.errors import BadInput
from bench.files.download import verify
from bench.zoo.table import artefacts, resolve

# Networks are imported where they are inspected: the summary needs no torch.


def summary(scale: Scale) -> str:
    """The size of a scale in one line."""
    return (
        f"{len(scale.runs)} runs, {len(scale.cells)} cells on "
        f"{len(scale.measurement.seeds)} seed blocks, "
        f"{len(scale.tuned_cells)} searches of {scale.tuning.candidates} candidates"
    )


def problems(scale: Scale) -> Iterator[str]:
    """A line for each path that is missing, each file whose contents are not what they should be,
    and each shape that does not fit."""
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
        yield from _of_latents(scale)
    if scale.inception:
        yield from _of_inception(scale)
    if scale.text:
        yield from _of_text(scale)
    if scale.geneval:
        yield from _of_geneval(scale)
    if scale.hpsv3:
        yield from _of_hpsv3(scale)


def _of_text(scale):
    from bench.models.autoencoder import Autoencoder
    from bench.models.text_encoders import TextEncoder

    text = scale.text
    yield partial(_named, text.encoder.weights, partial(TextEncoder, text.encoder))
    if text.autoencoder:
        folder = resolve(text.autoencoder)
        for channels in {scale.model(run).in_channels for run in scale.runs.values()}:
            decoder = partial(Autoencoder, folder, "cpu", channels)
            yield partial(_named, text.autoencoder, decoder)


def _of_geneval(scale):
    from bench.data.prompted import geneval_prompts
    from bench.evaluation.detectors import load_detector

    geneval = scale.geneval
    detector, clip = resolve(geneval.detector), resolve(geneval.clip)
    yield partial(geneval_prompts, scale)
    yield partial(_named, geneval.clip, partial(_present, clip, "name another in geneval.clip"))
    yield partial(_named, geneval.detector, partial(load_detector, str(detector), clip, "cpu"))


def _of_hpsv3(scale):
    from bench.data.prompted import hpsv3_prompts
    from bench.evaluation.hpsv3 import check_interpreter

    hpsv3 = scale.hpsv3
    yield partial(hpsv3_prompts, scale)
    yield partial(check_interpreter, Path(hpsv3.python))
    yield partial(_present, Path(hpsv3.weights), "name another in hpsv3.weights")


def _of_latents(scale):
    from bench.data.splits import read_latents
    from bench.models.autoencoder import Autoencoder

    latents = scale.latents
    for split, count in latents.images.items():
        source, encoded = Path(getattr(latents, split)), Path(latents.folder) / split
        if latents.num_classes is None:
            yield partial(list_captioned_images, source, count, latents.score)
        else:
            yield partial(list_images, source, count, latents.num_classes)
        if (encoded / MANIFEST).exists():
            yield partial(read_latents, scale, split)
    if latents.num_classes is not None:
        yield partial(check_same_classes, Path(latents.train), Path(latents.reference))
    folder = resolve(latents.autoencoder)
    yield partial(_named, latents.autoencoder, partial(Autoencoder, folder, "cpu"))


def _of_inception(scale):
    from bench.evaluation.dinov2 import DinoV2Extractor
    from bench.evaluation.inception import InceptionExtractor
    from bench.evaluation.lpips import Lpips

    names, size = scale.inception, scale.latents.image_size
    weights, backbone = resolve(names.weights), resolve(names.lpips)
    yield partial(_named, names.weights, partial(InceptionExtractor, weights, "cpu"))
    yield partial(_named, names.lpips, partial(Lpips, backbone, "cpu"))
    if names.dinov2:
        yield partial(_named, names.dinov2, partial(DinoV2Extractor, resolve(names.dinov2), "cpu"))
    yield partial(_named, names.reference, partial(_check_batch, resolve(names.reference), size))


def _named(name, inspect):
    """Inspects a file; where its name is one of the zoo, its hash is verified first."""
    for artefact in artefacts():
        if artefact.name == name:
            _present(artefact.path, f"`python -m bench download {name}`")
            verify(artefact.path, artefact.sha256)
    inspect()


def _present(path, remedy):
    if not path.is_file():
        raise BadInput(f"{path}: missing; {remedy}")


def _check_weights(scale, name, source):
    from bench.models import from_official
    from bench.models.published import read_published

    run, path = scale.runs[name], resolve(source)
    if run.pretrained.kind == "prx":
        _check_prx(path, scale.model(run))
        return
    weights = read_published(path)
    try:
        from_official(run.pretrained.kind, weights, **scale.model(run).constructor_arguments)
    except BadInput as error:
        raise error.in_file(path) from None


def _check_prx(folder, architecture):
    from bench.models.published_prx import from_diffusers

    from_diffusers(folder, **architecture.constructor_arguments)


def _check_batch(path, size):
    from bench.evaluation.reference import read_batch

    images, _ = read_batch(path)
    if images.shape[-2:] != (size, size):
        raise BadInput(
            f"{path}: its images are {images.shape[-1]} pixels wide, but latents.image_size is "
            f"{size}"
        )
