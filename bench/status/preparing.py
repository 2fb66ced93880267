"""The jobs before anything is trained: images and captions as the models see them, what measures
samples, and published weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.data.registry import files
from bench.data.shards import MANIFEST, shard_name
from bench.stages.hours import encoding_hours, text_hours
from bench.status.job import Job
from bench.status.pipeline import Pipeline


def preparing(pipeline: Pipeline) -> Iterator[Job]:
    """Those of images, captions, features of real images, and weights."""
    if pipeline.scale.latents:
        yield from _latents(pipeline)
    if pipeline.scale.text:
        yield from _prompts(pipeline)
    else:
        yield from _features(pipeline)
    for name, run in pipeline.scale.runs.items():
        for step in run.pretrained.weights if run.pretrained else ():
            out = (pipeline.results.checkpoint(name, step),)
            # A PRX keeps the empty prompt.
            asked = pipeline.text_states("test") if run.pretrained.kind == "prx" else ()
            yield Job("prepare", f"convert/{name}-{step}", out, asked)


def _prompts(pipeline):
    for part in pipeline.scale.text_files:
        yield _encoding_text(pipeline, part, part, pipeline.text_states(part))
    if pipeline.scale.latents:
        yield from _text_shards(pipeline)
    if not pipeline.scale.geneval:
        preference = (pipeline.results.preference, pipeline.results.preference_accuracies)
        yield Job("prepare", "preference", preference)


def _text_shards(pipeline):
    for split, shards in pipeline.scale.latents.text_shards.items():
        names = [shard_name(shard) for shard in range(shards)]
        written = tuple(pipeline.results.text_shards(split) / name for name in names)
        for shard, file in enumerate(written):
            yield _encoding_text(pipeline, f"{split}-{shard:05d}", split, (file,), shards)
        yield Job("prepare", f"index-text-{split}", pipeline.text_states(split), written)


def _encoding_text(pipeline, name, part, outputs, shards=1):
    captions = pipeline.scale.captions.get(part, 0) / shards
    hours = text_hours(pipeline.rated, captions)
    return Job("text", f"encode-text/{name}", outputs, gpus=pipeline.gpu, expected=hours)


def _latents(pipeline):
    latents = pipeline.scale.latents
    folder = Path(latents.folder)
    for split in latents.images:
        yield Job("prepare", f"list-images-{split}", (folder / f"{split}.csv",))
        manifest = (folder / split / MANIFEST,)
        shards = tuple(folder / split / shard_name(shard) for shard in range(latents.shards[split]))
        yield Job("prepare", f"index-latents-{split}", manifest, shards)
    yield from _encoding(pipeline)


def _encoding(pipeline):
    latents = pipeline.scale.latents
    for split, shards in latents.shards.items():
        images = latents.images[split] // shards
        for shard in range(shards):
            yield Job(
                "encode",
                f"encode/{split}-{shard:05d}",
                (Path(latents.folder) / split / shard_name(shard),),
                images=images,
                gpus=pipeline.gpu,
                expected=encoding_hours(pipeline.rated, images),
            )


def _features(pipeline):
    scale, real = pipeline.scale, pipeline.results.folder / "features" / "real"
    if not scale.latents:
        if fetched := tuple(files(scale.dataset)):
            yield Job("prepare", "fetch", fetched)
        yield Job("prepare", "extractor", (pipeline.results.folder / "extractor.safetensors",))
    for split in ("reference", "train"):
        out = (real / f"{split}.safetensors",)
        yield Job("prepare", f"features/real-{split}", out, gpus=pipeline.gpu)
