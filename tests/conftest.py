"""What all tests share: a quiet Qt, folders of their own, and nothing left behind."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

# Before anything imports Qt: windows are drawn into memory.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings

from neurocanvas import library
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import Registry

# The same examples every time, so that a failure is found by the change that makes it;
# HYPOTHESIS_PROFILE=search looks for new ones, HYPOTHESIS_EXAMPLES of them for each test.
settings.register_profile(
    "repeat",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "1000")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))

PATIENCE_S = 2.0
"""How long a thread may take to end after its test."""

PRIVATE_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


def pytest_configure(config: pytest.Config) -> None:
    """Keep settings and logs of the person who runs the tests out of them, and theirs clean.

    Compiled kernels go to a folder that outlives the session: compiling them again in every test
    would take most of the time.
    """
    home = tempfile.TemporaryDirectory(prefix="neurocanvas-tests-")
    config.add_cleanup(home.cleanup)
    for name in PRIVATE_FOLDERS:
        folder = Path(home.name) / name.lower()
        folder.mkdir()
        os.environ[name] = str(folder)
    cache = getattr(config, "cache", None)  # absent with -p no:cacheprovider
    if cache is not None:
        os.environ.setdefault("NEUROCANVAS_CACHE", str(cache.mkdir("kernels")))


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for compiled kernels, for a test about the cache itself."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NEUROCANVAS_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def kinds() -> Registry:
    """The kinds of the library; not to be added to."""
    return library.registry()


@pytest.fixture
def circuit() -> Circuit:
    """An empty circuit over the kinds of the library."""
    return Circuit(library.registry())


@pytest.fixture(autouse=True)
def garbage_collected_between_tests() -> Iterator[None]:
    """Collect garbage in the main thread alone, as the window does: Qt objects belong to it."""
    gc.disable()
    yield
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [age for age, (count, threshold) in enumerate(counts) if count > threshold]
    if due:
        gc.collect(max(due))


# -- threads -------------------------------------------------------------------------------------

_started_at: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()
_plain_start = threading.Thread.start


def _noted_start(thread: threading.Thread) -> None:
    _started_at[thread] = "".join(traceback.format_stack(limit=5)[:-1])
    _plain_start(thread)


threading.Thread.start = _noted_start  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread running, and say where it was started."""
    before = set(threading.enumerate())
    yield
    left = _threads_after(before)
    if left:
        places = "\n".join(f"{t.name}, started at\n{_started_at.get(t, '?')}" for t in left)
        pytest.fail(f"threads left behind: {places}")


def _threads_after(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the new threads that do not end within a while; Qt's own look like dummies."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        left = [
            t
            for t in threading.enumerate()
            if t not in before and not isinstance(t, threading._DummyThread)
        ]
        if not left or time.monotonic() > deadline:
            return left
        left[0].join(0.05)
