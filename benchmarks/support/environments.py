"""Where the peers live: an environment each, made by ``make bench-venv``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-bench"
OWN = "neurocanvas"
COMPILER = "limit"


def python_of(peer: str) -> str | None:
    """Return the interpreter that has a peer, None if it is not installed."""
    if peer == OWN:
        return sys.executable
    if peer == COMPILER:
        return sys.executable if shutil.which("gcc") else None
    found = FOLDER / peer / "bin" / "python"
    installed = FOLDER / peer / "requirements.installed"
    return str(found) if found.exists() and installed.exists() else None


def why_missing(peer: str) -> str:
    """Say why a peer is not there."""
    if peer == COMPILER:
        return "missing: no gcc"
    log = FOLDER / f"{peer}.log"
    if log.exists():
        lines = [line for line in log.read_text("utf-8").splitlines() if "ERROR" in line]
        return f"missing: {lines[0] if lines else 'its installation failed'}"
    return "missing: make bench-venv"
