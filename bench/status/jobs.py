"""The jobs of a scale, with the files that tell of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.config.scale import Scale
from bench.data.shards import MANIFEST
from bench.report.figures import figures
from bench.results import Results
from bench.stages.hours import segment_hours
from bench.status.job import Job
from bench.status.measuring import cells, gaps, rows
from bench.status.pipeline import Pipeline
from bench.status.preparing import preparing
from bench.tuning.journal import journal_of

VIEWS = ("csv", "md", "html")
# Those of class-conditional models, and of text-to-image models.
TABLES, PROMPT_TABLES = (1, 2, 3), (4, 5)


def jobs(scale: Scale, results: Results, figures_folder: Path) -> Iterator[Job]:
    """The jobs of a scale in the order of the pipeline, downloads left out."""
    pipeline = Pipeline(scale, results)
    for part in (preparing, _trainings, _searches, _grids, cells, gaps, rows):
        yield from part(pipeline)
    yield from _report(pipeline, figures_folder)


def _trainings(pipeline):
    for segment in pipeline.scale.segments:
        training = segment.training
        weights = [pipeline.results.checkpoint(training, step) for step in segment.kept_steps]
        log = [pipeline.results.training_log(training)] if segment.is_last else []
        yield Job(
            "train",
            f"train/{segment}",
            (*weights, *log),
            tuple(_before(pipeline, segment)),
            images=segment.steps * pipeline.scale.run(training.run).training.batch_size,
            gpus=pipeline.scale.hardware.training_gpus if pipeline.scale.hardware else 0,
            expected=segment_hours(pipeline.rated, segment),
            segment=segment,
        )


def _before(pipeline, segment):
    """What a part of a training waits for."""
    training = segment.training
    if pipeline.scale.latents:
        yield Path(pipeline.scale.latents.folder) / "train" / MANIFEST
    yield from pipeline.text_states("train")
    if initial := pipeline.scale.trainings[training]:
        yield pipeline.results.checkpoint(*pipeline.scale.checkpoint(initial, training.replicate))
    for step in pipeline.scale.run(training.run).kept_steps:
        if step <= segment.start:
            yield pipeline.results.checkpoint(training, step)


def _searches(pipeline):
    tuning = pipeline.scale.tuning
    for run, method in pipeline.scale.tuned_cells:
        out = pipeline.results.search(run, method)
        yield Job(
            "search",
            f"search/{run}/{method}",
            (out, pipeline.results.chosen(run, method)),
            (*pipeline.models(run, method), *pipeline.text_states("tuning")),
            images=tuning.candidates * tuning.samples,
            gpus=pipeline.gpu,
            expected=tuning.candidates * pipeline.candidate_hours(run, method),
            journal=journal_of(out),
            candidates=tuning.candidates,
        )


def _grids(pipeline):
    tuning = pipeline.scale.tuning
    for run, method in pipeline.scale.grid_cells:
        whole = pipeline.results.grid(run, method)
        parts = []
        for first, end in tuning.grid_jobs(len(pipeline.scale.method(method).grid_points)):
            parts.append(whole.with_suffix("") / f"{first}-{end}.csv")
            # Each part also measures the unguided model.
            points = end - first + 1
            yield Job(
                "grid",
                f"grid/{run}/{method}/{first}-{end}",
                (parts[-1],),
                (*pipeline.models(run, method), *pipeline.text_states("tuning")),
                images=points * tuning.samples,
                gpus=pipeline.gpu,
                expected=points * pipeline.candidate_hours(run, method),
            )
        yield Job("grid", f"grid/{run}/{method}", (whole,), tuple(parts))


def _report(pipeline, figures_folder):
    results = pipeline.results
    yield Job("report", "claims", tuple(results.claims(kind) for kind in VIEWS))
    yield Job("report", "summary", (results.summary,))
    for number in PROMPT_TABLES if pipeline.scale.text else TABLES:
        out = tuple(results.table(number, kind) for kind in VIEWS)
        yield Job("report", f"table{number}", out)
    for name, figure in figures().items():
        if figure.files(pipeline.scale, results) is not None:
            drawn = (figures_folder / f"{name}.{kind}" for kind in ("png", "pdf", "csv"))
            yield Job("report", name, tuple(drawn))
