"""Runs all measurements, or those named: ``python -m benchmarks latency engine``.

Each is a module of this package with a function ``main()``; it runs in a process of its own, so
that none is warmed or slowed by another.
"""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import benchmarks


def names() -> list[str]:
    """Return the names of all measurements."""
    found = [info.name for info in pkgutil.iter_modules(benchmarks.__path__)]
    return [name for name in found if not name.startswith("_")]


def main(wanted: list[str]) -> int:
    """Run measurements; the exit code is 1 if one of them broke."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"no measurement is named {unknown[0]!r}; there are {', '.join(names())}")
        return 2
    code = 0
    for name in wanted or names():
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        code = code or int(done.returncode != 0)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
