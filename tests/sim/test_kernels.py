"""Kernels on disk: found again by another process, rebuilt when broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
