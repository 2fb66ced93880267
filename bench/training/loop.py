"""The training loop."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch

from bench.config.model import ModelConfig
from bench.config.training import TrainingConfig, snapshot_name
from bench.data.dataset import Split
from bench.data.pixels import from_uint8
from bench.errors import BadInput
from bench.models import build
from bench.models.checkpoints import load_checkpoint, save_checkpoint
from bench.seeds import generator
from bench.training.ema import EMA
from bench.training.log import TrainingLog
from bench.training.losses import draw, loss
from bench.training.state import load_state, save_state


def train(
    architecture: ModelConfig,
    settings: TrainingConfig,
    data: Split,
    out: Path,
    provenance: Mapping,
    initial: Path | None = None,
    device: str = "cpu",
) -> None:
    """Trains into ``out``: the EMA weights of every kept step, and log.csv.

    While it runs, everything lies in out/unfinished; the same call after a kill goes on from the
    last state there, to the same weights (bit for bit on a CPU with as many threads), and moves
    the results to ``out`` at the end. A finished run is left alone.

    Args:
        data: the train split; initial: a checkpoint to finetune from.
        provenance: goes into each checkpoint's header, beside the settings, the step, and the
            iterations (steps in all, those of ``initial`` included).

    Raises:
        BadInput: ``out`` or its unfinished state belongs to a run with other settings, or
            ``initial`` has another architecture.
    """
    start = load_checkpoint(initial) if initial else None
    header = _as_json_reads_it(
        {
            **provenance,
            "model": dataclasses.asdict(architecture),
            "training": dataclasses.asdict(settings),
            "initial": start.sha256 if start else None,
        }
    )
    iterations = start.description["iterations"] if start else 0
    if _is_finished(out, settings, header):
        return
    unfinished = out / "unfinished"
    unfinished.mkdir(parents=True, exist_ok=True)

    model = _start(architecture, settings, start, initial).to(device).train()
    ema = EMA(model, settings.ema_decay)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=True,
    )
    state = unfinished / "state.safetensors"
    first = load_state(state, model, ema, optimizer, header)
    images = torch.from_numpy(data.images).to(device)
    labels = torch.from_numpy(data.labels).to(device)
    log = TrainingLog(
        unfinished / "log.csv", provenance["run"], first, settings.steps, settings.batch_size
    )
    for step in range(first + 1, settings.steps + 1):
        rows = _rows(step, len(data), settings).to(device)
        value = _update(model, ema, optimizer, settings, step, images[rows], labels[rows])
        log.step(step, value)
        if step in settings.kept_steps:
            reached = {"step": step, "iterations": iterations + step}
            save_checkpoint(
                unfinished / snapshot_name(step), model, ema.weights, {**header, **reached}
            )
        if step % settings.checkpoint_every == 0 or step == settings.steps:
            save_state(state, step, model, ema, optimizer, header)
    log.close()
    _publish(unfinished, out, settings)


def _start(architecture, settings, start, initial):
    if start:
        if start.model.config != architecture:
            raise BadInput(f"{initial}: its architecture is not this run's; finetune one like it")
        return start.model.requires_grad_(True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(generator(settings.seed, "initial weights").initial_seed())
        return build(architecture)


def _rows(step, count, settings):
    """Which samples step ``step`` (from 1) sees: each epoch a new order of all of them."""
    positions = range((step - 1) * settings.batch_size, step * settings.batch_size)
    epochs = sorted({position // count for position in positions})
    orders = {
        e: torch.randperm(count, generator=generator(settings.seed, "training order", e))
        for e in epochs
    }
    return torch.stack([orders[p // count][p % count] for p in positions])


def _update(model, ema, optimizer, settings, step, images, labels):
    drawn = draw(model, settings, len(images), generator(settings.seed, "training step", step))
    with torch.autocast(images.device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
        value = loss(model, from_uint8(images), labels, drawn, settings.mask_weight)
    optimizer.zero_grad(set_to_none=True)
    value.backward()
    if settings.gradient_clip:
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.gradient_clip)
    for group in optimizer.param_groups:
        group["lr"] = settings.learning_rate * min(1.0, step / max(settings.warmup_steps, 1))
    optimizer.step()
    ema.update(model)
    return value.detach()


def _is_finished(out, settings, header):
    results = [*map(snapshot_name, settings.kept_steps), "log.csv"]
    for name in results[:-1]:
        if not (out / name).exists():
            continue
        described = load_checkpoint(out / name).description
        if any(described.get(key) != value for key, value in header.items()):
            raise BadInput(
                f"{out / name}: belongs to a finished run with other settings; remove it, or train "
                "elsewhere"
            )
    return all((out / name).exists() for name in results)


def _publish(unfinished, out, settings):
    """Links every result into place before the originals go, so that a kill here loses nothing."""
    for name in [*map(snapshot_name, settings.kept_steps), "log.csv"]:
        (out / name).unlink(missing_ok=True)
        os.link(unfinished / name, out / name)
    shutil.rmtree(unfinished)


def _as_json_reads_it(header):
    """Tuples as lists, as they come back from a file's header."""
    return json.loads(json.dumps(header))
