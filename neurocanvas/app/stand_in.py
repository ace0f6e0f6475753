"""The engine where it is not there yet: an object that answers and does nothing."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np


class _Channel(NamedTuple):
    node: str
    variable: str
    index: int = 0


class _Nothing:
    """Takes every message; looks like a paused runner and an empty recorder."""

    now_ms = 0.0
    dt_ms = 0.025
    origin_ms = 0.0
    status = SimpleNamespace(
        phase="paused", time_ms=0.0, target_speed=20.0, true_speed=0.0, keeping_up=True,
        spikes_per_s=0.0, error=None, progress="", serial=0,
    )  # fmt: skip
    frame = SimpleNamespace(time_ms=0.0, nodes=(), values=np.empty(0))

    def envelope(self, channel: Any, start: float, stop: float, columns: int) -> Any:
        return np.full(columns, np.nan), np.full(columns, np.nan)

    def samples(self, channel: Any, start: float, stop: float) -> Any:
        return np.empty(0), np.empty(0)

    def spikes_since(self, cursor: int) -> Any:
        return cursor, np.empty(0), np.empty(0, np.int32), np.empty(0, np.int32)

    def spikes_between(self, start: float, stop: float) -> Any:
        return np.empty(0), np.empty(0, np.int32), np.empty(0, np.int32)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def _there(module: str) -> bool:
    return importlib.util.find_spec(f"neurocanvas.sim.{module}") is not None


def recorder() -> Any:
    """The recorder."""
    if _there("recorder"):
        from neurocanvas.sim.recorder import Recorder

        return Recorder()
    return _Nothing()


def channel() -> Any:
    """The class of channels."""
    if _there("recorder"):
        from neurocanvas.sim.recorder import Channel

        return Channel
    return _Channel


def runner(recorder: Any) -> Any:
    """The runner."""
    if _there("runner") and _there("recorder"):
        from neurocanvas.sim.runner import Runner

        return Runner(recorder)
    return _Nothing()
