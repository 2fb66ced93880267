"""Computations take turns, and the clock is the device's."""

from __future__ import annotations

import time

import torch

from bench.timing import Clock, clock, time_in_turns


def test_every_computation_runs_once_before_any_runs_again():
    order, now = [], 0.0

    def computation(name, duration):
        def compute():
            nonlocal now
            order.append(name)
            # The first round, in which kernels compile, is slow.
            now += duration if len(order) > 3 else 100

        return compute

    computations = {name: computation(name, i + 1.0) for i, name in enumerate("abc")}
    seconds = time_in_turns(computations, 2, Clock("made up", lambda: now))
    assert "".join(order) == "abcabcabc"
    assert seconds == {"a": [1, 1], "b": [2, 2], "c": [3, 3]}


def test_one_thread_is_not_charged_for_the_time_of_others(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    timer = clock("cpu")
    start = timer.seconds()
    time.sleep(0.2)
    assert timer.name == "CPU"
    assert timer.seconds() - start < 0.1


def test_several_threads_are_timed_by_the_wall(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    timer = clock("cpu")
    start = timer.seconds()
    time.sleep(0.05)
    assert timer.name == "wall"
    assert timer.seconds() - start >= 0.05


def test_an_accelerator_has_finished_when_its_time_is_taken(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.accelerator, "synchronize", waited.append)
    timer = clock("cuda:1")
    timer.seconds()
    assert timer.name == "wall"
    assert waited == ["cuda:1"]
