"""Makes an environment for each peer that the benchmarks compare with: ``make bench-venv``.

The peers are the extras of ``pyproject.toml`` whose names begin with ``bench-``; each gets
``.venv-bench/NAME``, so that none holds back the packages of another. One that can't be installed
does not keep the others from it: why is in ``.venv-bench/NAME.log``, and the results name it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-bench"
PREFIX = "bench-"
STAMP = "requirements.installed"


def peers() -> dict[str, list[str]]:
    """Return what each peer needs, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].items()
    return {key.removeprefix(PREFIX): list(v) for key, v in extras if key.startswith(PREFIX)}


def install(name: str, needs: list[str]) -> bool:
    """Make the environment of a peer if it is not there as wanted; say whether it is then."""
    folder = FOLDER / name
    stamp, log = folder / STAMP, FOLDER / f"{name}.log"
    wanted = "\n".join([sys.version, *needs])
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return True
    stamp.unlink(missing_ok=True)
    print(f"Installing {name} into {folder}", flush=True)
    python = str(folder / "bin" / "python")
    with log.open("w", encoding="utf-8") as output:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [python, "-m", "pip", "install", "--disable-pip-version-check", *needs],
        ):
            done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                print(f"{name} can't be installed; {log} says why", file=sys.stderr)
                return False
    stamp.write_text(wanted, "utf-8")
    return True


def main() -> int:
    """Install all peers, or those named; the exit code is 1 if one of them is missing."""
    known = peers()
    unknown = sorted(set(sys.argv[1:]) - set(known))
    if unknown:
        print(f"no peer is named {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    missing = [name for name in sys.argv[1:] or known if not install(name, known[name])]
    return int(bool(missing))


if __name__ == "__main__":
    raise SystemExit(main())
