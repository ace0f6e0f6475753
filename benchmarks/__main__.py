"""Runs all measurements, or those named, and writes ``benchmarks/results.md``.

``python -m benchmarks hh cuba --rounds 7``. Each measurement is a module of this package with a
function ``measure(plan)``; it runs in a process of its own, so that none is warmed or slowed by
another. What was not asked for stays as it was measured last, and says when that was.
"""

from __future__ import annotations

import datetime
import pkgutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import benchmarks
from benchmarks.support import machine
from benchmarks.support.plan import parser
from benchmarks.support.report import read_json, write_json

RESULTS = Path(__file__).with_name("results.md")
KEPT = Path(__file__).with_name("results")
"""The tables of each measurement, as they were measured last."""
ORDER = (
    "hh", "cuba", "coba", "cobahh", "brunel", "potjans", "agreement", "accuracy_price", "scaling",
    "threads", "memory", "editing", "recording", "startup", "latency", "scope", "engine", "soak",
)  # fmt: skip


def names() -> list[str]:
    """Return the names of all measurements, the most telling first."""
    found = [info.name for info in pkgutil.iter_modules(benchmarks.__path__) if not info.ispkg]
    known = [name for name in found if not name.startswith("_")]
    return sorted(known, key=lambda name: (ORDER.index(name) if name in ORDER else 99, name))


def one(name: str, options: list[str], keep: bool) -> bool:
    """Run a measurement and keep its tables; return whether it went through."""
    state, today = machine.commit(), datetime.datetime.now(datetime.UTC).date().isoformat()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", *options, "--json", str(path)]
        done = subprocess.run(command, check=False)
        sections = read_json(path) if path.exists() else []
    if keep and sections:
        note = f"Measured on {today}; state of the source: {state}."
        KEPT.mkdir(exist_ok=True)
        dated = [replace(section, notes=(*section.notes, note)) for section in sections]
        write_json(KEPT / f"{name}.json", dated)
    return done.returncode == 0


def write(broken: list[str]) -> None:
    """Write all results that are kept as Markdown."""
    paths = [KEPT / f"{name}.json" for name in names()]
    sections = [s for path in paths if path.exists() for s in read_json(path)]
    lines = [
        "# Results", "",
        "Written by `make bench`. NeuroCanvas and its peers did the same work in turn, "
        "on one thread unless said; times are medians, ratios medians of the ratios within each "
        "round. Where one thread works, time is that of the processor, so that what others take "
        "from the machine does not count. \"must / aim\": by what factor a peer has to be slower.",
        "", "| | |", "| --- | --- |", *(f"| {what} | {value} |" for what, value in machine.facts()),
    ]  # fmt: skip
    for section in sections:
        lines += ["", section.markdown()]
    lines += ["", *(f"The measurement `{name}` broke." for name in broken)]
    RESULTS.write_text("\n".join(lines).rstrip() + "\n", "utf-8")
    print(f"written: {RESULTS}")


def main(arguments: list[str]) -> int:
    """Run measurements; the exit code is 1 if one of them broke."""
    options = parser(__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    options.add_argument("--dry", action="store_true", help="leave the results as they are")
    chosen = options.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(names()))
    if unknown:
        print(f"no measurement is named {unknown[0]!r}; there are {', '.join(names())}")
        return 2
    passed = ["--rounds", str(chosen.rounds), *(["--small"] if chosen.small else [])]
    broken: list[str] = []
    for name in chosen.names or names():
        print(f"measuring {name} ...", flush=True)
        broken += [] if one(name, passed, keep=not chosen.dry) else [name]
        if not chosen.dry:  # after each, so that what was measured is there whatever comes
            write(broken)
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
