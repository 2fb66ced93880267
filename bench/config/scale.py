"""A scale: the settings of one run of the DAG, and the cells and trainings that follow."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property

from bench import guidance
from bench.config.consistency import check_scale
from bench.config.data import LatentsConfig
from bench.config.evaluation import (
    ExtractorConfig,
    InceptionConfig,
    Measurement,
    Throughput,
    Tuning,
    ranges,
)
from bench.config.geneval import GenEvalConfig
from bench.config.hpsv3 import HPSv3Config
from bench.config.methods import Method
from bench.config.model import Architecture, model_config
from bench.config.runs import Run, Segment, Snapshot, Training, read_snapshot
from bench.config.sampling import SamplingConfig
from bench.config.text import TextConfig
from bench.data.dataset import DatasetInfo
from bench.data.registry import dataset_info
from bench.errors import BadInput
from bench.parsing import check_positive, suggest

# The paper's Figure 7 compares these with the unguided samples.
DISTANCE_CELLS = (("routed", "cfg"), ("routed", "sparse_guidance"))


@dataclass(frozen=True)
class Hardware:
    """Resources of a job, and rates that estimates of time assume; no result depends on them.

    Attributes:
        training_gpus: GPUs of one training.
        training_nodes: nodes of Slurm that share them evenly.
        feature_threads: CPU threads that resize images for one GPU that extracts their features.
        tera_macs_per_second: 10^12 MACs per second of training or sampling on one GPU.
        autoencoder_images_per_second: images that one GPU encodes or decodes per second.
        inception_images_per_second: images that one GPU resizes and extracts features of, per
            second.
        captions_per_second: captions that one GPU encodes as text states per second.
        geneval_images_per_second: images that one GPU judges with GenEval per second.
        hpsv3_images_per_second: images that one GPU scores with HPSv3 per second.
    """

    training_gpus: int = 1
    training_nodes: int = 1
    feature_threads: int = 1
    tera_macs_per_second: float = 150.0
    autoencoder_images_per_second: float = 150.0
    inception_images_per_second: float = 500.0
    captions_per_second: float = 1000.0
    geneval_images_per_second: float = 5.0
    hpsv3_images_per_second: float = 5.0

    def __post_init__(self):
        check_positive(self, *vars(self))
        if self.training_gpus % self.training_nodes:
            raise BadInput(
                f"training_nodes: {self.training_gpus} GPUs do not split evenly over "
                f"{self.training_nodes} nodes"
            )


@dataclass(frozen=True)
class Scale:
    """All settings of a scale, consistent with each other.

    A comment on each key is in workflow/config/digits.yaml, imagenet256.yaml, shapes.yaml or
    t2i512.yaml, or in the docstrings of bench/config. Parameters named ``run`` and ``method`` are
    snapshots as text: a name, or name@step.

    Raises:
        BadInput: the first setting that does not fit the others.
    """

    name: str
    dataset: str
    runs: dict[str, Run]
    methods: dict[str, Method]
    sampling: SamplingConfig
    measurement: Measurement
    tuning: Tuning
    extractor: ExtractorConfig | None = None
    inception: InceptionConfig | None = None
    text: TextConfig | None = None
    geneval: GenEvalConfig | None = None
    hpsv3: HPSv3Config | None = None
    latents: LatentsConfig | None = None
    throughput: Throughput | None = None
    hardware: Hardware | None = None
    dataset_source: str | None = None
    plugins: tuple[str, ...] = ()

    def __post_init__(self):
        check_scale(self)

    @property
    def dataset_info(self) -> DatasetInfo:
        """Shape and classes of the models' input: the dataset's images, or their latents."""
        return self.latents.dataset_info if self.latents else dataset_info(self.dataset)

    @property
    def required_latents(self) -> LatentsConfig:
        """The latents; raises BadInput for a scale whose models see the images themselves."""
        if self.latents is None:
            raise BadInput(f"latents: {self.name} has none; its models see the images themselves")
        return self.latents

    @property
    def has_images(self) -> bool:
        """Whether there are images, or latents of them, to train on and to measure losses on."""
        return self.dataset_info.input_size is not None

    @property
    def autoencoder(self) -> str | None:
        """The name or the folder of what decodes the models' samples; None where they are images
        themselves."""
        if self.latents:
            return self.latents.autoencoder
        return self.text.autoencoder if self.text else None

    @property
    def text_files(self) -> tuple[str, ...]:
        """The parts of the captions whose text states are one file each; those of images that
        become latents are in shards."""
        if self.text is None:
            return ()
        if self.text.training_images:
            return ("train", "tuning", "test")
        return ("test", "hpdv3") if self.hpsv3 else ("test",)

    @property
    def captions(self) -> dict[str, float]:
        """The largest number of texts to encode by part, of a scale whose images are not drawn;
        those of the images as ``latents.captions_per_image`` estimates."""
        if self.text is None or self.text.training_images:
            return {}
        of_images = {}
        if self.latents:
            per_image = self.latents.captions_per_image
            of_images = {part: per_image * images for part, images in self.latents.images.items()}
        of_benchmark = {"hpdv3": self.hpsv3.prompts} if self.hpsv3 else {}
        return {**of_images, "test": self.measurement.samples, **of_benchmark}

    @property
    def hpsv3_shards(self) -> tuple[tuple[int, int], ...]:
        """The index ranges [first, end) that a block's samples of HPSv3's prompts are split
        into."""
        return ranges(self.hpsv3.prompts, self.measurement.shard_size) if self.hpsv3 else ()

    def model(self, run: Run) -> Architecture:
        """The full architecture of a run."""
        known = {key: value for key, value in asdict(self.dataset_info).items() if value}
        if self.text:
            known["text_length"] = self.text.encoder.length
            # A size says its kind.
            if "size" not in run.model:
                known["kind"] = "tr_dit"
        return model_config({**known, **run.model})

    def run(self, run: str) -> Run:
        """The settings of a run, whichever its step."""
        name = read_snapshot(run).name
        if name not in self.runs:
            raise BadInput(f"runs: unknown run {name!r}{suggest(name, self.runs)}")
        return self.runs[name]

    def method(self, method: str) -> Method:
        """The settings of a method, whichever its weak checkpoint."""
        name = read_snapshot(method).name
        if name not in self.methods:
            raise BadInput(f"methods: unknown method {name!r}{suggest(name, self.methods)}")
        return self.methods[name]

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) that is measured."""
        return tuple(
            (str(Snapshot(name, step)), method)
            for name, run in self.runs.items()
            for step, methods in (
                (None, run.methods),
                *((step, run.progress.methods) for step in run.progress.steps),
            )
            for method in methods
        )

    @property
    def tuned_cells(self) -> tuple[tuple[str, str], ...]:
        """The cells whose hyperparameters are searched first."""
        return tuple(cell for cell in self.cells if self.method(cell[1]).is_tuned)

    @property
    def grid_cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) whose grid is measured."""
        return tuple((name, method) for name, run in self.runs.items() for method in run.grids)

    @property
    def swept_cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) that is sampled over omega."""
        return tuple(
            (name, method) for name, run in self.runs.items() for method in run.omega_sweep.methods
        )

    @property
    def replicates(self) -> range:
        """The replicates of every training: one for each seed block, or one for all of them."""
        return range(len(self.measurement.seeds) if self.measurement.retrain else 1)

    def replicate(self, seed: int) -> int:
        """The replicate that a seed block is sampled from."""
        return self.measurement.seeds.index(seed) if self.measurement.retrain else 0

    @property
    def trainings(self) -> dict[Training, str | None]:
        """Every training, with the snapshot of another run that it starts from, or None; that
        snapshot is of the same replicate."""
        found = {}
        for name, run in self.runs.items():
            if run.pretrained:
                continue
            starts = {name: run.initial}
            if run.initial:
                for step in run.progress.steps:
                    starts[str(Snapshot(name, step))] = str(Snapshot(run.initial, step))
            for replicate in self.replicates:
                found |= {Training(own, replicate): start for own, start in starts.items()}
        return found

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The jobs of every training, in the order of its steps: one, or on a cluster one for each
        kept step."""
        return tuple(segment for training in self.trainings for segment in self._segments(training))

    def _segments(self, training):
        kept = self.run(training.run).kept_steps
        # Where there are hardware and its time limits, no job lasts longer than it must, and
        # a snapshot is searched and sampled from while its training goes on. Elsewhere trainings
        # take minutes, of which a process takes seconds to start.
        if self.hardware is None:
            return [Segment(training, 0, kept, is_last=True)]
        return [
            Segment(training, start, (end,), is_last=end == kept[-1])
            for start, end in zip((0, *kept), kept)
        ]

    def checkpoint(self, run: str, replicate: int = 0) -> tuple[Training, int]:
        """The training and the step of a run's weights. Published weights have one replicate."""
        name, step = read_snapshot(run)
        settings = self.run(run)
        if settings.pretrained:
            replicate = 0
        if step is None or settings.initial:
            return Training(run, replicate), settings.last_step
        return Training(name, replicate), step

    def weak_checkpoint(
        self, run: str, method: str, replicate: int = 0
    ) -> tuple[Training, int] | None:
        """The training and the step of a cell's weak checkpoint; None where it evaluates none.

        Raises:
            BadInput: the cell evaluates one, but neither the method nor the run names its step.
        """
        if not any(branch.checkpoint == "weak" for branch in self.branches(method)):
            return None
        step = read_snapshot(method).step or self.run(run).weak_step
        if step is None:
            raise BadInput(f"weak_step: missing; {method!r} needs an earlier checkpoint")
        return self.checkpoint(run, replicate)[0], step

    @property
    def distance_cells(self) -> tuple[tuple[str, str], ...]:
        """Cells whose samples are compared one by one with the unguided samples of their run, by a
        distance between photographs or the like; none where samples have prompts."""
        if self.text:
            return ()
        return tuple(
            (run, method)
            for run, method in DISTANCE_CELLS
            if {(run, "unguided"), (run, method)} <= set(self.cells)
        )

    def branches(self, method: str) -> frozenset[guidance.Branch]:
        """The different evaluations of a method, at the ends of its space and on its grid."""
        # Raises BadInput for an unknown method.
        self.method(method)
        return self._branches_by_method[read_snapshot(method).name]

    @cached_property
    def _branches_by_method(self) -> dict[str, frozenset[guidance.Branch]]:
        return {name: self._all_branches(method) for name, method in self.methods.items()}

    def _all_branches(self, method):
        return frozenset().union(
            *(
                guidance.all_branches(guidance.build(spec), self.sampling.evaluations)
                for spec in (*method.corners, *method.grid_points)
            )
        )
