"""A scale: everything that one run of the DAG does."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bench import guidance
from bench.config.checks import check_name
from bench.config.extractor import ExtractorConfig
from bench.config.measurement import Measurement, Tuning
from bench.config.method import Method
from bench.config.model import ModelConfig, model_config
from bench.config.parse import suggest
from bench.config.run import Run
from bench.config.sampling import SamplingConfig
from bench.data.registry import facts
from bench.errors import BadInput


@dataclass(frozen=True)
class Scale:
    """See workflow/config/digits.yaml for each key with a comment."""

    name: str
    dataset: str
    extractor: ExtractorConfig
    runs: dict[str, Run]
    methods: dict[str, Method]
    sampling: SamplingConfig
    measurement: Measurement
    tuning: Tuning
    plugins: tuple[str, ...] = ()

    def __post_init__(self):
        facts(self.dataset)
        check_name("name", self.name)
        if self.tuning.seed in self.measurement.seeds:
            raise BadInput("tuning.seed: it is one of measurement.seeds; tune on another block")
        for section, names in (("runs", self.runs), ("methods", self.methods)):
            if not names:
                raise BadInput(f"{section}: empty; name at least one")
            for name in names:
                check_name(f"{section}.{name}", name)
        for name, run in self.runs.items():
            try:
                self._check_run(run)
            except BadInput as error:
                raise error.within(f"runs.{name}") from None

    def _check_run(self, run):
        try:
            model = self.model(run)
        except BadInput as error:
            raise error.within("model") from None
        if run.training.sparsity and not model.can_drop_tokens:
            raise BadInput("training.sparsity: the model has neither a route nor a decoder")
        if run.initial is not None:
            self._check_initial(run, model)
        for method in run.methods:
            if method not in self.methods:
                raise BadInput(f"methods: unknown method {method!r}{suggest(method, self.methods)}")
            self._check_cell(run, model, method)

    def _check_initial(self, run, model):
        if run.initial not in self.runs:
            raise BadInput(f"initial: unknown run {run.initial!r}{suggest(run.initial, self.runs)}")
        if self.model(self.runs[run.initial]) != model:
            raise BadInput(f"initial: {run.initial!r} has another architecture")
        if self.runs[run.initial].initial is not None:
            raise BadInput(f"initial: {run.initial!r} is a finetuning itself; name where it starts")

    def _check_cell(self, run, model, name):
        for spec in self.methods[name].candidates:
            asked = guidance.build(spec), self.sampling.steps
            if guidance.uses_weak_checkpoint(*asked) and run.weak_step is None:
                raise BadInput(f"weak_step: missing; {name!r} needs an earlier checkpoint")
            if guidance.drops_tokens(*asked) and not model.can_drop_tokens:
                raise BadInput(f"methods: {name!r} needs a model with a route or a decoder")

    def model(self, run: Run) -> ModelConfig:
        """The full architecture of a run."""
        return model_config({**asdict(facts(self.dataset)), **run.model})

    def run(self, name: str) -> Run:
        """A run by its name."""
        if name not in self.runs:
            raise BadInput(f"runs: unknown run {name!r}{suggest(name, self.runs)}")
        return self.runs[name]

    def method(self, name: str) -> Method:
        """A method by its name in this scale."""
        if name not in self.methods:
            raise BadInput(f"methods: unknown method {name!r}{suggest(name, self.methods)}")
        return self.methods[name]

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) that is measured."""
        return tuple((name, method) for name, run in self.runs.items() for method in run.methods)
