"""What compiles the library in the background: a process of its own, gone when it should be."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

from neurocanvas import library
from neurocanvas.sim import calendar, kernels, teams, warm
from neurocanvas.sim.compiling import ordering
from neurocanvas.sim.native import objects
from neurocanvas.sim.native.items import Exported
from neurocanvas.sim.recording import compiled
from neurocanvas.sim.writing.codegen import KindKey, Variant, generate


def machine_code(folder: Path, name: str) -> list[Path]:
    return list(folder.glob(f"{name}*{objects.SUFFIX}"))


def test_it_leaves_machine_code_on_disk(fresh_cache):
    warmer = warm.Warmer(["step_current"])
    warmer.wait(120)
    source = generate(KindKey(library.registry().get("step_current")), Variant())
    assert len(machine_code(objects.folder(), source.name)) == 2  # a step, and what is recorded
    warmer.close()


def test_every_function_of_the_engine_is_among_what_is_compiled_ahead():
    """What only an edit, many synapses or several threads need, too: no edit waits for it."""
    modules = (calendar, kernels, ordering, teams, compiled)
    used = {v for module in modules for v in vars(module).values() if isinstance(v, Exported)}
    assert len(used) >= 11
    assert used <= set(warm._items(None))


def test_it_ends_at_once_when_told(fresh_cache):
    warmer = warm.Warmer()
    process = warmer._process
    assert isinstance(process, subprocess.Popen)
    time.sleep(0.3)
    start = time.monotonic()
    warmer.close()
    assert process.poll() is not None
    assert time.monotonic() - start < 5.0


def test_a_library_that_is_there_starts_nothing(fresh_cache):
    warm._mark().touch()
    assert warm.Warmer()._process is None


def test_another_library_is_compiled_anew(fresh_cache, monkeypatch):
    warm._mark().touch()
    registry = library.registry()
    registry.add(replace(registry.get("lif"), name="other_lif", title="Other"))
    monkeypatch.setattr(library, "registry", lambda: registry)
    assert not warm._is_warm()
