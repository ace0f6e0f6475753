"""On what was measured: the machine and the versions."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from benchmarks.support.environments import ROOT

OWN_PACKAGES = ("neurocanvas", "numba", "llvmlite", "numpy", "scipy")


def facts() -> list[tuple[str, str]]:
    """Return what to put above the tables: (what, value)."""
    found = [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("python", platform.python_version()),
    ]
    found += [(name, metadata.version(name)) for name in OWN_PACKAGES]
    return found


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor()
    lines = path.read_text("utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    best = next((name for name in ("avx512f", "avx2", "avx") if name in flags), "no AVX")
    return f"{names[0] if names else platform.processor()} ({best})"


def commit() -> str:
    """Return the state of the source, by the names of git; results that were written are not it."""
    try:
        name = _git("describe", "--always").strip()
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *_RESULTS)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}-dirty" if changed else name


_RESULTS = tuple(f":!benchmarks/{name}" for name in ("results", "results.md", "*.svg"))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def load() -> float:
    """Return how many processes wanted the processor in the last minute; NaN if unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
