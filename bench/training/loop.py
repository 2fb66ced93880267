"""The training loop."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from bench.compilation import check_compiler
from bench.config.model import Architecture
from bench.config.training import TrainingConfig, snapshot_name
from bench.data.dataset import TrainingData
from bench.errors import BadInput
from bench.models import build
from bench.models.checkpoints import check_trained_with, load_checkpoint, save_checkpoint
from bench.seeds import generator
from bench.training.batches import batches
from bench.training.distributed import ALONE, World
from bench.training.ema import EMA
from bench.training.identity import run_header
from bench.training.log import TrainingLog
from bench.training.optimizer import optimizer_of
from bench.training.output import LOG, STATE, UNFINISHED, has_snapshots, is_published, publish
from bench.training.sharding import gather_on_first, shard
from bench.training.state import load_state, save_state
from bench.training.stopping import stop_request
from bench.training.update import Update


def train(
    architecture: Architecture,
    settings: TrainingConfig,
    data: TrainingData,
    out: Path,
    provenance: Mapping,
    initial: Path | None = None,
    until: int | None = None,
    device: str = "cpu",
    world: World = ALONE,
) -> None:
    """Trains into ``out``: the EMA weights of every kept step, and log.csv.

    While it runs, everything lies in out/unfinished; the same call after a kill goes on from the
    last state there, to the same weights (bit for bit on a CPU with as many threads and
    processes; but for rounding with others), and moves the results to ``out`` at the end. They
    stay in out/finished, too, and the same call puts back those that are missing from ``out``. A
    finished run is left alone. SIGTERM and SIGUSR1 make it save its state and exit after the
    current step.

    A call up to an earlier step publishes the weights so far and leaves its state to the next
    call; together they end in the weights of a single one. Where the state is lost, a call says so
    and begins anew, for the weights of kept steps are averages alone.

    Args:
        data: the train split; initial: a checkpoint to finetune from.
        until: the kept step to train up to; None trains up to the last one.
        provenance: goes into each checkpoint's header, beside the settings, the step, and the
            iterations (steps in all, those of ``initial`` included).
        world: the processes that train together; each of them calls this.

    Raises:
        BadInput: ``out`` or its unfinished state belongs to a run with other settings or other
            data; ``initial`` has another architecture, or was trained with another autoencoder or
            text encoder; the batch does not split evenly over the world; torch cannot compile here
            and is asked to; or loss or weights stop being finite.
    """
    until = until or settings.steps
    device = torch.device(device)
    if device.type == "cuda" and device.index is not None:
        # Calls that name no device, such as pinning memory, would otherwise open another GPU.
        torch.cuda.set_device(device)
    with world.agreement():
        settings.samples_per_pass(world.size)
        start = load_checkpoint(initial) if initial else None
        if start:
            check_trained_with(start, initial, data.identity, "the data of this training")
        about = {**provenance, **data.identity}
        header = run_header(about, architecture, settings, start.sha256 if start else None)
        published = is_published(out, settings, header, until)
    if world.gather(published)[0]:
        return
    iterations = start.description["iterations"] if start else 0
    unfinished = out / UNFINISHED
    state = unfinished / STATE

    with world.agreement():
        if settings.compile:
            check_compiler("training.compile", device)
        model = _start(architecture, settings, start, initial)
        if data.null is not None:
            model.keep_null(data.null)
    model.to(device).train()
    if settings.sharding == "fsdp" and world.size > 1:
        shard(model, device, world)
    ema = EMA(model, settings.ema_decay)
    optimizer = optimizer_of(model, settings)
    with world.agreement():
        reached = load_state(state, model, ema, optimizer, header)
    states = world.gather(reached)
    with world.agreement():
        if len(set(states)) > 1:
            raise BadInput(f"{state}: not the same file on every machine; share the folder {out}")
        if world.is_first:
            if not reached and has_snapshots(out, settings):
                print(
                    f"{state}: missing, though there are snapshots; they hold averages alone, so "
                    "the training begins anew",
                    file=sys.stderr,
                    flush=True,
                )
            unfinished.mkdir(parents=True, exist_ok=True)
            log = TrainingLog(
                unfinished / LOG,
                provenance["run"],
                reached,
                until,
                settings.batch_size,
                device,
            )

    update = Update(model, ema, optimizer, settings, world)
    with stop_request() as request:
        for step, x, conditions, drawn in batches(
            data, model, settings, range(reached + 1, until + 1), iterations, world, device
        ):
            value = update(step, x, conditions, drawn)
            stop = step < until and world.any(request)
            keeps = step in settings.kept_steps
            saves = stop or step % settings.checkpoint_every == 0 or step == until
            if not (value.isfinite() and (not (keeps or saves) or _is_finite(model))):
                # Every rank has the same loss and the same weights, so all of them come here.
                with world.agreement():
                    raise BadInput(
                        f"{out}: training diverged at step {step} (loss {float(value):g}); the "
                        "states before it are kept. Lower training.learning_rate, or look for "
                        "values that are not numbers in the data"
                    )
            if world.is_first:
                log.step(step, value)
            if keeps:
                averages = gather_on_first(ema.weights.items(), world)
                path = unfinished / snapshot_name(step)
                # One that is there may be published, and in use.
                if world.is_first and not path.exists():
                    description = {
                        **header,
                        "step": step,
                        "iterations": iterations + step,
                        "average": ema.profile(step),
                    }
                    save_checkpoint(path, model, averages, description)
            if saves:
                save_state(state, step, model, ema, optimizer, header, world)
            if stop:
                # No rank leaves before the first one has saved the state.
                world.gather(None)
                request.leave(f"{out}: stopped after step {step}; the same call goes on from there")
    with world.agreement():
        if world.is_first:
            log.close()
            publish(out, settings, until)


def _is_finite(model):
    return all(bool(parameter.isfinite().all()) for parameter in model.parameters())


def _start(architecture, settings, start, initial):
    if start:
        if start.model.config != architecture:
            raise BadInput(f"{initial}: its architecture is not this run's; finetune one like it")
        return start.model.requires_grad_(True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(generator(settings.seed, "initial weights").initial_seed())
        return build(architecture)
