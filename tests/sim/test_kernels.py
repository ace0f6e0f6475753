"""Kernels on disk: found again by another process, rebuilt when broken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neurocanvas import library
from neurocanvas.sim import kernels
from neurocanvas.sim.writing.codegen import KindKey, Variant, generate

CODE = """
import logging, sys, time
from neurocanvas import library
from neurocanvas.sim import kernels
from neurocanvas.sim.writing.codegen import KindKey, Variant, generate
compiled = []
from numba.core import event
class Count(event.Listener):
    def on_start(self, e): compiled.append(e.data["dispatcher"].py_func.__name__)
    def on_end(self, e): pass
event.register("numba:compile", Count())
source = generate(KindKey(library.registry().get("poisson")), Variant())
kernel, observe = kernels.compile_kernel(source)
print(sorted(set(compiled) & {"kernel", "observe"}))
"""


def compiled_by_a_process(folder: Path) -> str:
    env = os.environ | {"NEUROCANVAS_CACHE": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_second_process_compiles_nothing_and_a_broken_cache_is_rebuilt(tmp_path: Path) -> None:
    both = "['kernel', 'observe']"
    assert compiled_by_a_process(tmp_path) == both
    assert compiled_by_a_process(tmp_path) == "[]"
    for path in tmp_path.rglob("*.nbc"):
        path.write_bytes(path.read_bytes()[:100])
    assert compiled_by_a_process(tmp_path) == both
    assert compiled_by_a_process(tmp_path) == "[]"
    for path in tmp_path.rglob("*.py"):
        path.write_text("this is not python", encoding="utf-8")
    compiled_by_a_process(tmp_path)
    assert compiled_by_a_process(tmp_path) == "[]"


@pytest.mark.slow
def test_a_folder_that_can_not_be_written_is_only_slower(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    assert "kernel" in compiled_by_a_process(blocked) or compiled_by_a_process(blocked) == "[]"


def aged(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_kernels_that_nobody_has_used_for_a_month_are_removed(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    for name, days in (("old_1", 40), ("kept_2", 40), ("new_3", 3)):
        for part in (f"{name}.py", f"__pycache__/{name}.kernel-1.py311.nbi"):
            (tmp_path / part).touch()
        aged(tmp_path / f"{name}.py", days)
    (tmp_path / "kept_2.used").touch()
    mark = tmp_path / "library-x.complete"
    mark.touch()
    assert kernels.prune(tmp_path) == 1
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "kept_2.py", "kept_2.used", "kept_2.kernel-1.py311.nbi", "new_3.py",
        "new_3.kernel-1.py311.nbi",
    }  # fmt: skip
    mark.touch()
    assert kernels.prune(tmp_path) == 0
    assert mark.exists()


def test_a_kernel_that_is_used_again_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.CACHE_VARIABLE, str(tmp_path))
    folder = kernels.cache_folder()
    source = generate(KindKey(library.registry().get("poisson")), Variant())
    path = folder / f"{source.name}.py"
    kernels._module(source, folder)
    aged(path, 40)
    before = path.stat().st_mtime
    kernels._module(source, folder)
    assert path.stat().st_mtime == before  # machine code is found by this time
    assert kernels.prune(folder) == 0
    assert path.exists()


def test_folders_of_other_versions_go_when_nobody_uses_them(tmp_path: Path) -> None:
    mine, stale, fresh = (tmp_path / name for name in ("mine", "stale", "fresh"))
    for folder in (mine, stale, fresh):
        folder.mkdir()
        (folder / "k_1.py").touch()
    for path in (stale / "k_1.py", stale):
        aged(path, 40)
    kernels._prune_once(mine)
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "fresh"}
