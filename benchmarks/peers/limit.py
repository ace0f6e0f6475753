"""The limit: a small C program, compiled with all that the compiler can do for this machine."""

import atexit
import shutil
import subprocess
import tempfile
from pathlib import Path

from _worker import Answer, Run, serve

FLAGS = ["-O3", "-march=native", "-ffast-math"]


def prepare(task: Answer) -> Run:
    """Compile; a run is one of the program."""
    folder = tempfile.mkdtemp(prefix="limit_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = str(Path(folder) / "limit")
    source = str(Path(__file__).with_suffix(".c"))
    subprocess.run(["gcc", *FLAGS, source, "-o", program, "-lm"], check=True)
    sizes = [str(task[key]) for key in ("n", "steps", "dt")]
    current = [str(task["cell"]["current"])] if "cell" in task else []

    def run(seed: int) -> Answer:
        done = subprocess.run(
            [program, task["work"], *sizes, *current], capture_output=True, text=True, check=True
        )
        wall, cpu, spikes = done.stdout.split()
        return {"wall": float(wall), "cpu": float(cpu), "spikes": int(spikes)}

    return run


if __name__ == "__main__":
    version = subprocess.run(
        ["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True
    )
    serve(version.stdout.strip(), prepare)
