"""The jobs that draw and measure samples, and those that measure models otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from bench.config.evaluation import REAL
from bench.stages.hours import geneval_hours, hpsv3_hours, inception_hours
from bench.status.job import Job
from bench.status.pipeline import Pipeline


def cells(pipeline: Pipeline) -> Iterator[Job]:
    """Those that draw the samples of cells, and score them or extract their features."""
    if pipeline.scale.hardware is None:
        yield from _measured_cells(pipeline)
        return
    for run, method in pipeline.scale.cells:
        for block in pipeline.blocks():
            out = pipeline.results.shard(run, method, *block)
            yield _sampling(pipeline, "sample", (run, method), block, "test", out)
    if pipeline.scale.hpsv3:
        yield from _scored_cells(pipeline)
    if pipeline.scale.geneval:
        yield from _judged_cells(pipeline)
        return
    for run, method in pipeline.scale.cells:
        images = pipeline.images_of_cell()
        yield Job(
            "features",
            f"features/{run}/{method}",
            tuple(pipeline.results.features(run, method, *block) for block in pipeline.blocks()),
            tuple(pipeline.results.shard(run, method, *block) for block in pipeline.blocks()),
            images=images,
            gpus=pipeline.gpu,
            expected=2 * inception_hours(pipeline.rated, images),
        )


def _sampling(pipeline, kind, cell, block, part, out):
    """The job of a shard of samples, whose prompts are those of a part."""
    seed, first, end = block
    models = pipeline.models(*cell, pipeline.scale.replicate(seed))
    chosen = (pipeline.results.chosen(*cell),) if pipeline.scale.method(cell[1]).is_tuned else ()
    return Job(
        "sample",
        f"{kind}/{'/'.join(cell)}/seed-{seed}-{first}-{end}",
        (out,),
        (*models, *chosen, *pipeline.text_states(part)),
        images=end - first,
        gpus=pipeline.gpu,
        expected=(end - first) * pipeline.sampling_hours(*cell),
    )


def _scored_cells(pipeline):
    """Samples of HPSv3's prompts, and their scores."""
    prompts = pipeline.scale.hpsv3.prompts
    for run, method in pipeline.scale.cells:
        for seed in pipeline.scale.measurement.seeds:
            for ends in pipeline.scale.hpsv3_shards:
                out = pipeline.results.hpsv3_shard(run, method, seed, *ends)
                block = (seed, *ends)
                yield _sampling(pipeline, "sample-hpsv3", (run, method), block, "hpdv3", out)
            yield Job(
                "hpsv3",
                f"hpsv3/{run}/{method}/seed-{seed}",
                (pipeline.results.hpsv3(run, method, seed),),
                (pipeline.results.hpsv3_images(run, method, seed),),
                images=prompts,
                gpus=pipeline.gpu,
                expected=hpsv3_hours(pipeline.rated, prompts),
            )


def _judged_cells(pipeline):
    scale, results = pipeline.scale, pipeline.results
    for run, method in scale.cells:
        images, seeds = pipeline.images_of_cell(), scale.measurement.seeds
        samples = [results.shard(run, method, *block) for block in pipeline.blocks()]
        judged = [results.geneval(run, method, seed) for seed in seeds]
        scored = [results.hpsv3(run, method, seed) for seed in seeds if scale.hpsv3]
        yield Job(
            "judge",
            f"evaluate-prompts/{run}/{method}",
            (*judged, pipeline.row(run, method)),
            (*samples, *scored),
            images=images,
            gpus=pipeline.gpu,
            expected=geneval_hours(pipeline.rated, images),
        )


def _measured_cells(pipeline):
    for run, method in pipeline.scale.cells:
        samples = [pipeline.results.shard(run, method, *block) for block in pipeline.blocks()]
        # Scores of prompts come from the samples themselves.
        blocks = () if pipeline.scale.text else pipeline.blocks()
        features = [pipeline.results.features(run, method, *block) for block in blocks]
        yield Job(
            "measure",
            f"measure/{run}/{method}",
            (*samples, *features, pipeline.row(run, method)),
            images=pipeline.images_of_cell(),
            expected=pipeline.images_of_cell() * pipeline.sampling_hours(run, method),
        )


def gaps(pipeline: Pipeline) -> Iterator[Job]:
    """Distances from unguided samples, speeds, samples over omega, and capacity gaps."""
    for run, method in pipeline.scale.distance_cells:
        out = (pipeline.results.distances(run, method),)
        yield Job("distance", f"distance/{run}/{method}", out, gpus=pipeline.gpu)
    if pipeline.scale.throughput:
        yield Job("sweep", "throughput", (pipeline.results.throughput,), gpus=pipeline.gpu)
    for run, method in pipeline.scale.swept_cells:
        out = (pipeline.results.omega_sweep(run, method),)
        yield Job("sweep", f"omega-sweep/{run}/{method}", out, gpus=pipeline.gpu)
    for name, run in pipeline.scale.runs.items():
        if pipeline.scale.has_images and not run.initial:
            out = (pipeline.results.gap(name),)
            yield Job("gap", f"capacity-gap/{name}", out, gpus=pipeline.gpu)


def rows(pipeline: Pipeline) -> Iterator[Job]:
    """Those that end in metrics.csv."""
    if pipeline.scale.geneval:
        yield from _folders(pipeline)
    else:
        yield from _evaluated_cells(pipeline)
    yield Job("rows", "collect", (pipeline.results.metrics,))


def _folders(pipeline):
    """The samples of GenEval's prompts, and of HPSv3's, as images."""
    for run, method in pipeline.scale.cells:
        for seed in pipeline.scale.measurement.seeds:
            block = (run, method, seed)
            name = f"{run}/{method}/seed-{seed}"
            out = (pipeline.results.geneval_images(*block),)
            yield Job("rows", f"geneval-folder/{name}", out)
            if pipeline.scale.hpsv3:
                shards = pipeline.scale.hpsv3_shards
                drawn = tuple(pipeline.results.hpsv3_shard(*block, *ends) for ends in shards)
                out = (pipeline.results.hpsv3_images(*block),)
                asked = pipeline.text_states("hpdv3")
                yield Job("rows", f"hpsv3-folder/{name}", out, (*drawn, *asked))


def _evaluated_cells(pipeline):
    for run, method in pipeline.scale.cells if pipeline.scale.hardware else ():
        yield Job("rows", f"evaluate/{run}/{method}", (pipeline.row(run, method),))
    bounds = "prompt-bounds" if pipeline.scale.text else "evaluate/real"
    yield Job("rows", bounds, (pipeline.results.folder / "rows" / f"{REAL[0]}.csv",))
