"""The layers hold: what is outside the window knows no Qt, and a wheel carries all it needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "neurocanvas"
DATA_FOLDERS = ("resources", "sample_networks")

# Stands at the head of each program below: Qt and all that is built on it can't be imported.
BLOCK_QT = """
import importlib.abc, sys

class NoQt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "pyqtgraph", "superqt", "qtawesome"}:
            raise ImportError(f"{name} is not to be imported here")

sys.meta_path.insert(0, NoQt())
"""

IMPORT_ALL = """
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
"""

RUN_SAMPLES = """
import neurocanvas as nc
for path in sys.argv[1:]:
    result = nc.simulate(nc.load(path), "20 ms")
    print(path, result.times[-1])
"""

RUN_INSTALLED = """
import importlib.resources, pathlib, sys
import neurocanvas as nc
print(pathlib.Path(nc.__file__).parent)
samples = importlib.resources.files(nc) / "sample_networks"
path = next(entry for entry in samples.iterdir() if entry.name.endswith(".neuro"))
print(nc.simulate(nc.load(path), "20 ms").times[-1])
"""


def run_python(
    program: str, *args: str, cwd: Path = ROOT, path: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a program in an interpreter of its own, with ``path`` ahead of all that is installed."""
    return subprocess.run(
        [sys.executable, "-c", program, *args],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_outside_the_window() -> list[str]:
    return sorted(
        module_name(file)
        for file in PACKAGE.rglob("*.py")
        if "app" not in file.relative_to(PACKAGE).parts[:1]
    )


def data_files() -> set[str]:
    """Paths, from the root, of all that the program reads from its own folder."""
    return {
        file.relative_to(ROOT).as_posix()
        for folder in DATA_FOLDERS
        for file in (PACKAGE / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this tree."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("neurocanvas-*.whl"))


def test_qt_is_blocked_by_the_finder_used_here():
    done = run_python(BLOCK_QT + IMPORT_ALL, "PySide6.QtCore")
    assert done.returncode != 0
    assert "PySide6 is not to be imported here" in done.stderr


def test_everything_outside_app_imports_without_qt():
    names = modules_outside_the_window()
    assert {"neurocanvas", "neurocanvas.cli", "neurocanvas.errors"} <= set(names)
    assert not any(name.startswith("neurocanvas.app") for name in names)
    done = run_python(BLOCK_QT + IMPORT_ALL, *names)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)  # without a cache each kind's kernel is compiled first
def test_every_sample_runs_without_qt():
    samples = sorted(str(path) for path in (PACKAGE / "sample_networks").glob("*.neuro"))
    assert len(samples) >= 6
    done = run_python(BLOCK_QT + RUN_SAMPLES, *samples)
    assert done.returncode == 0, done.stderr
    ends = [float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines()]
    assert ends == pytest.approx([20.0] * len(samples), abs=0.2)


def test_import_contracts_hold():
    check = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = run_python(check, "--no-logo", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_wheel_carries_resources_and_samples(wheel: Path):
    expected = data_files()
    for folder in DATA_FOLDERS:
        assert any(name.startswith(f"neurocanvas/{folder}/") for name in expected)
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert expected <= packed
    assert {f.relative_to(ROOT).as_posix() for f in PACKAGE.rglob("*.py")} <= packed
    assert all(name.startswith("neurocanvas") for name in packed)  # no tests, no tools


@pytest.mark.slow
@pytest.mark.timeout(300)  # what numba caches beside the code is compiled anew in a new place
def test_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path):
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    done = run_python(RUN_INSTALLED, cwd=tmp_path, path=installed)
    assert done.returncode == 0, done.stderr
    where, end = done.stdout.splitlines()
    assert Path(where) == installed / "neurocanvas"
    assert float(end) == pytest.approx(20.0, abs=0.2)
