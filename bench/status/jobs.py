"""The jobs of a scale, with the files that tell of each."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.config.evaluation import REAL
from bench.config.runs import Segment, read_snapshot
from bench.config.scale import Hardware, Scale
from bench.data.registry import files
from bench.data.shards import MANIFEST, shard_name
from bench.report.figures import figures
from bench.results import Results
from bench.stages.hours import (
    MIRRORED,
    candidate_hours,
    geneval_hours,
    hpsv3_hours,
    inception_hours,
    sampling_hours,
    segment_hours,
    text_hours,
)
from bench.tuning.journal import journal_of

# Where a scale states no rates, hours only compare the jobs of a stage, by their MACs.
MACS_ALONE = Hardware(autoencoder_images_per_second=math.inf, inception_images_per_second=math.inf)
VIEWS = ("csv", "md", "html")
# Those of class-conditional models, and of text-to-image models.
TABLES, PROMPT_TABLES = (1, 2, 3), (4, 5)


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Attributes:
        stage: the kind of job.
        name: of its log and of the record of its time, without their suffix.
        outputs: the files that it leaves.
        inputs: what a job of encoding, training, searching, sampling, extracting features, judging
            or scoring waits for: the files of other such jobs, the latents' index, and images of
            samples.
        images: those that it trains on, draws, encodes or extracts features of.
        gpus: those that it takes; none on a scale without `hardware`.
        expected: hours of one GPU by the rates of `hardware`, or a number that compares it with the
            other jobs of its stage; 0 for what takes seconds.
        segment: the steps of a training that it does.
        journal: the rows of a search that is not finished, and ``candidates`` their number in all.
    """

    stage: str
    name: str
    outputs: tuple[Path, ...]
    inputs: tuple[Path, ...] = ()
    images: int = 0
    gpus: int = 0
    expected: float = 0
    segment: Segment | None = None
    journal: Path | None = None
    candidates: int = 0


def jobs(scale: Scale, results: Results, figures_folder: Path) -> Iterator[Job]:
    """The jobs of a scale in the order of the pipeline, downloads left out."""
    yield from _Jobs(scale, results, figures_folder).in_order()


class _Jobs:
    def __init__(self, scale, results, figures_folder):
        self.scale, self.results, self.figures_folder = scale, results, figures_folder
        self.gpu = 1 if scale.hardware else 0
        self.rated = scale if scale.hardware else dataclasses.replace(scale, hardware=MACS_ALONE)
        # Cells on several snapshots of a run cost the same.
        self.candidate_hours, self.sampling_hours = cache(self._candidate), cache(self._sampling)

    def in_order(self):
        yield from self.preparing()
        yield from self.trainings()
        yield from self.searches()
        yield from self.grids()
        yield from self.cells()
        yield from self.gaps()
        yield from self.rows()
        yield from self.report()

    def preparing(self):
        if self.scale.latents:
            yield from self.preparing_latents()
        if self.scale.text:
            yield from self.preparing_prompts()
        else:
            yield from self.preparing_features()
        for name, run in self.scale.runs.items():
            for step in run.pretrained.weights if run.pretrained else ():
                out = (self.results.checkpoint(name, step),)
                yield Job("prepare", f"convert/{name}-{step}", out)

    def preparing_prompts(self):
        # Held-out samples are latents of images with captions, or drawn for prompts of the tuning.
        scored = ["hpdv3"] if self.scale.hpsv3 else []
        for part in ("test", *scored) if self.scale.latents else ("train", "tuning", "test"):
            yield self.encoding_text(part, part, self.text_states(part))
        if self.scale.latents:
            yield from self.preparing_text_shards()
        if not self.scale.geneval:
            preference = (self.results.preference, self.results.preference_accuracies)
            yield Job("prepare", "preference", preference)

    def preparing_text_shards(self):
        for split, shards in self.scale.latents.text_shards.items():
            names = [shard_name(shard) for shard in range(shards)]
            files = tuple(self.results.text_shards(split) / name for name in names)
            for shard, file in enumerate(files):
                yield self.encoding_text(f"{split}-{shard:05d}", split, (file,), shards)
            yield Job("prepare", f"index-text-{split}", self.text_states(split), files)

    def encoding_text(self, name, part, outputs, shards=1):
        captions = self.scale.captions.get(part, 0) / shards
        hours = text_hours(self.rated, captions)
        return Job("text", f"encode-text/{name}", outputs, gpus=self.gpu, expected=hours)

    def text_states(self, part):
        """What a job waits for that reads the captions of a part."""
        if not self.scale.text:
            return ()
        if self.scale.latents and part in self.scale.latents.text_shards:
            return (self.results.text_shards(part) / MANIFEST,)
        return (self.results.text_states(part),)

    def preparing_latents(self):
        latents = self.scale.latents
        folder = Path(latents.folder)
        for split in latents.images:
            yield Job("prepare", f"list-images-{split}", (folder / f"{split}.csv",))
            manifest = (folder / split / MANIFEST,)
            shards = tuple(
                folder / split / shard_name(shard) for shard in range(latents.shards[split])
            )
            yield Job("prepare", f"index-latents-{split}", manifest, shards)
        yield from self.encoding()

    def preparing_features(self):
        scale, real = self.scale, self.results.folder / "features" / "real"
        if not scale.latents:
            if fetched := tuple(files(scale.dataset)):
                yield Job("prepare", "fetch", fetched)
            yield Job("prepare", "extractor", (self.results.folder / "extractor.safetensors",))
        for split in ("reference", "train"):
            out = (real / f"{split}.safetensors",)
            yield Job("prepare", f"features/real-{split}", out, gpus=self.gpu)

    def encoding(self):
        latents = self.scale.latents
        for split, shards in latents.shards.items():
            images = latents.images[split] // shards
            rate = self.rated.hardware.autoencoder_images_per_second
            for shard in range(shards):
                yield Job(
                    "encode",
                    f"encode/{split}-{shard:05d}",
                    (Path(latents.folder) / split / shard_name(shard),),
                    images=images,
                    gpus=self.gpu,
                    expected=MIRRORED * images / rate / 3600,
                )

    def trainings(self):
        for segment in self.scale.segments:
            training = segment.training
            weights = [self.results.checkpoint(training, step) for step in segment.kept_steps]
            log = [self.results.training_log(training)] if segment.is_last else []
            yield Job(
                "train",
                f"train/{segment}",
                (*weights, *log),
                tuple(self.before(segment)),
                images=segment.steps * self.scale.run(training.run).training.batch_size,
                gpus=self.scale.hardware.training_gpus if self.scale.hardware else 0,
                expected=segment_hours(self.rated, segment),
                segment=segment,
            )

    def before(self, segment):
        """What a part of a training waits for."""
        training = segment.training
        if self.scale.latents:
            yield Path(self.scale.latents.folder) / "train" / MANIFEST
        yield from self.text_states("train")
        if initial := self.scale.trainings[training]:
            yield self.results.checkpoint(*self.scale.checkpoint(initial, training.replicate))
        for step in self.scale.run(training.run).kept_steps:
            if step <= segment.start:
                yield self.results.checkpoint(training, step)

    def models(self, run, method, replicate=0):
        """The weights that a cell evaluates."""
        weak = self.scale.weak_checkpoint(run, method, replicate)
        evaluated = (self.scale.checkpoint(run, replicate), *([weak] if weak else []))
        return tuple(self.results.checkpoint(*weights) for weights in evaluated)

    def searches(self):
        tuning = self.scale.tuning
        for run, method in self.scale.tuned_cells:
            out = self.results.search(run, method)
            yield Job(
                "search",
                f"search/{run}/{method}",
                (out, self.results.chosen(run, method)),
                (*self.models(run, method), *self.text_states("tuning")),
                images=tuning.candidates * tuning.samples,
                gpus=self.gpu,
                expected=tuning.candidates * self.candidate_hours(*_names(run, method)),
                journal=journal_of(out),
                candidates=tuning.candidates,
            )

    def grids(self):
        tuning = self.scale.tuning
        for run, method in self.scale.grid_cells:
            whole = self.results.grid(run, method)
            parts = []
            for first, end in tuning.grid_jobs(len(self.scale.method(method).grid_points)):
                parts.append(whole.with_suffix("") / f"{first}-{end}.csv")
                # Each part also measures the unguided model.
                points = end - first + 1
                yield Job(
                    "grid",
                    f"grid/{run}/{method}/{first}-{end}",
                    (parts[-1],),
                    (*self.models(run, method), *self.text_states("tuning")),
                    images=points * tuning.samples,
                    gpus=self.gpu,
                    expected=points * self.candidate_hours(*_names(run, method)),
                )
            yield Job("grid", f"grid/{run}/{method}", (whole,), tuple(parts))

    def cells(self):
        if self.scale.hardware is None:
            yield from self.measured_cells()
            return
        for run, method in self.scale.cells:
            for block in self.blocks():
                out = self.results.shard(run, method, *block)
                yield self.sampling("sample", (run, method), block, "test", out)
        if self.scale.hpsv3:
            yield from self.scored_cells()
        if self.scale.geneval:
            yield from self.judged_cells()
            return
        for run, method in self.scale.cells:
            images = self.images_of_cell()
            yield Job(
                "features",
                f"features/{run}/{method}",
                tuple(self.results.features(run, method, *block) for block in self.blocks()),
                tuple(self.results.shard(run, method, *block) for block in self.blocks()),
                images=images,
                gpus=self.gpu,
                expected=2 * inception_hours(self.rated, images),
            )

    def sampling(self, kind, cell, block, part, out):
        """The job of a shard of samples, whose prompts are those of a part."""
        seed, first, end = block
        chosen = (self.results.chosen(*cell),) if self.scale.method(cell[1]).is_tuned else ()
        return Job(
            "sample",
            f"{kind}/{'/'.join(cell)}/seed-{seed}-{first}-{end}",
            (out,),
            (*self.models(*cell, self.scale.replicate(seed)), *chosen, *self.text_states(part)),
            images=end - first,
            gpus=self.gpu,
            expected=(end - first) * self.sampling_hours(*_names(*cell)),
        )

    def scored_cells(self):
        """Samples of HPSv3's prompts, and their scores."""
        prompts = self.scale.hpsv3.prompts
        for run, method in self.scale.cells:
            for seed in self.scale.measurement.seeds:
                for ends in self.scale.hpsv3_shards:
                    out = self.results.hpsv3_shard(run, method, seed, *ends)
                    block = (seed, *ends)
                    yield self.sampling("sample-hpsv3", (run, method), block, "hpdv3", out)
                yield Job(
                    "hpsv3",
                    f"hpsv3/{run}/{method}/seed-{seed}",
                    (self.results.hpsv3(run, method, seed),),
                    (self.results.hpsv3_images(run, method, seed),),
                    images=prompts,
                    gpus=self.gpu,
                    expected=hpsv3_hours(self.rated, prompts),
                )

    def judged_cells(self):
        for run, method in self.scale.cells:
            images = self.images_of_cell()
            seeds = self.scale.measurement.seeds
            judged = [self.results.geneval(run, method, seed) for seed in seeds]
            scored = [self.results.hpsv3(run, method, seed) for seed in seeds if self.scale.hpsv3]
            yield Job(
                "judge",
                f"evaluate-prompts/{run}/{method}",
                (*judged, self.row(run, method)),
                (*(self.results.shard(run, method, *block) for block in self.blocks()), *scored),
                images=images,
                gpus=self.gpu,
                expected=geneval_hours(self.rated, images),
            )

    def measured_cells(self):
        for run, method in self.scale.cells:
            samples = [self.results.shard(run, method, *block) for block in self.blocks()]
            # Scores of prompts come from the samples themselves.
            blocks = () if self.scale.text else self.blocks()
            features = [self.results.features(run, method, *block) for block in blocks]
            yield Job(
                "measure",
                f"measure/{run}/{method}",
                (*samples, *features, self.row(run, method)),
                images=self.images_of_cell(),
                expected=self.images_of_cell() * self.sampling_hours(*_names(run, method)),
            )

    def gaps(self):
        for run, method in self.scale.distance_cells:
            out = (self.results.distances(run, method),)
            yield Job("distance", f"distance/{run}/{method}", out, gpus=self.gpu)
        if self.scale.throughput:
            yield Job("sweep", "throughput", (self.results.throughput,), gpus=self.gpu)
        for run, method in self.scale.swept_cells:
            out = (self.results.omega_sweep(run, method),)
            yield Job("sweep", f"omega-sweep/{run}/{method}", out, gpus=self.gpu)
        for name, run in self.scale.runs.items():
            if self.scale.has_images and not run.initial:
                yield Job("gap", f"capacity-gap/{name}", (self.results.gap(name),), gpus=self.gpu)

    def rows(self):
        if self.scale.geneval:
            yield from self.folders()
        else:
            yield from self.evaluated_cells()
        yield Job("rows", "collect", (self.results.metrics,))

    def folders(self):
        """The samples of GenEval's prompts, and of HPSv3's, as images."""
        for run, method in self.scale.cells:
            for seed in self.scale.measurement.seeds:
                block = (run, method, seed)
                name = f"{run}/{method}/seed-{seed}"
                out = (self.results.geneval_images(*block),)
                yield Job("rows", f"geneval-folder/{name}", out)
                if self.scale.hpsv3:
                    shards = self.scale.hpsv3_shards
                    drawn = tuple(self.results.hpsv3_shard(*block, *ends) for ends in shards)
                    out = (self.results.hpsv3_images(*block),)
                    asked = self.text_states("hpdv3")
                    yield Job("rows", f"hpsv3-folder/{name}", out, (*drawn, *asked))

    def evaluated_cells(self):
        for run, method in self.scale.cells if self.scale.hardware else ():
            yield Job("rows", f"evaluate/{run}/{method}", (self.row(run, method),))
        bounds = "prompt-bounds" if self.scale.text else "evaluate/real"
        yield Job("rows", bounds, (self.results.folder / "rows" / f"{REAL[0]}.csv",))

    def report(self):
        results = self.results
        yield Job("report", "claims", tuple(results.claims(kind) for kind in VIEWS))
        yield Job("report", "summary", (results.summary,))
        for number in PROMPT_TABLES if self.scale.text else TABLES:
            out = tuple(results.table(number, kind) for kind in VIEWS)
            yield Job("report", f"table{number}", out)
        for name, figure in figures().items():
            if figure.files(self.scale, results) is not None:
                drawn = (self.figures_folder / f"{name}.{kind}" for kind in ("png", "pdf", "csv"))
                yield Job("report", name, tuple(drawn))

    def row(self, run, method):
        return self.results.folder / "rows" / run / f"{method}.csv"

    def blocks(self):
        """Seed, first and end of every shard of a cell."""
        measurement = self.scale.measurement
        return [(seed, *ends) for seed in measurement.seeds for ends in measurement.shards]

    def images_of_cell(self):
        return len(self.scale.measurement.seeds) * self.scale.measurement.samples

    def _candidate(self, run, method):
        return candidate_hours(self.rated, run, self.scale.method(method).example)

    def _sampling(self, run, method):
        return sampling_hours(self.rated, run, self.scale.method(method).example, 1)


def _names(*snapshots):
    return [read_snapshot(text).name for text in snapshots]
