"""The commands that need no window: run, check, kinds, render."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from neurocanvas.cli import FINE, STOPPED
from neurocanvas.cli.progress import Watch
from neurocanvas.errors import FileError, QuantityError, SimulationError

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit
    from neurocanvas.sim.result import Result

PICTURE_SUFFIXES = (".png", ".svg")


@dataclass(frozen=True)
class Run:
    """A run that is over.

    Attributes:
        result: What came out.
        elapsed_s: The time it took on the clock on the wall.
        stopped: Whether Ctrl+C ended it before its duration was over.
    """

    result: Result
    elapsed_s: float
    stopped: bool


def load(path: str, *, quiet: bool = False) -> Circuit:
    """Read a file; what it holds that this version does not know is said on stderr."""
    from neurocanvas import library
    from neurocanvas.formats import native

    with Watch(quiet) as watch:
        circuit, report = native.load(path, library.registry(), tell=watch.tell)
    for line in report:
        print(f"neurocanvas: {path}: {line}", file=sys.stderr)
    return circuit


def run(args: argparse.Namespace) -> int:
    """Simulate a file, write what was asked for and say what came out."""
    from neurocanvas.formats import tables
    from neurocanvas.formats.elements import not_simulated

    tables.check_paths(args.traces, args.spikes)
    circuit = load(args.file, quiet=args.quiet)
    if not_simulated(circuit):
        return 1  # the lines on stderr name what is unknown; half a circuit is not the circuit
    _set(circuit, args.duration, args.dt, args.seed)
    said = _warnings(circuit)
    _say(args.file, said)
    how = How(args.quiet, args.profile, args.threads)
    done = run_circuit(circuit, args.reference, how)
    _say(args.file, [line for line in done.result.warnings if line not in said])
    deliver(circuit, done, args.traces, args.spikes, quiet=args.quiet)
    if args.profile:
        print_costs(done)
    if done.stopped:
        return say_stopped(circuit, done)
    if args.compare:
        other = run_circuit(circuit, not args.reference, replace(how, measure=False))
        runs = [(done.result, done.elapsed_s), (other.result, other.elapsed_s)]
        print_comparison(circuit, *(reversed(runs) if args.reference else runs))
    return FINE


def print_costs(done: Run) -> None:
    """Say where the time went."""
    from neurocanvas.sim.costs import cost_lines

    print("\n".join(["", *cost_lines(done.result.costs, float(done.result.times[-1]))]))


def say_stopped(circuit: Circuit, done: Run) -> int:
    """Say how far a run came; returns the exit code."""
    from neurocanvas.model.quantity import format_quantity

    reached = format_quantity(float(done.result.times[-1]), "ms", 4)
    wanted = format_quantity(circuit.settings.duration, "ms")
    print(f"neurocanvas: stopped at {reached} of {wanted}", file=sys.stderr)
    return STOPPED


def _say(path: str, warnings: Iterable[str]) -> None:
    for warning in warnings:
        print(f"neurocanvas: {path}: {warning}", file=sys.stderr)


def _warnings(circuit: Circuit) -> list[str]:
    """Say what the time step is too coarse for, and which values are brought into their range."""
    from neurocanvas.sim.clipping import clipping_warnings
    from neurocanvas.sim.timestep import timestep_warnings

    snapshot, kinds = circuit.snapshot(), circuit.kinds
    return [*timestep_warnings(snapshot, kinds), *clipping_warnings(snapshot, kinds)]


def print_comparison(
    circuit: Circuit, engine: tuple[Result, float], reference: tuple[Result, float]
) -> None:
    """Say how far apart the engine and the reference solution are.

    Args:
        circuit: What was run.
        engine, reference: Each with the seconds it took.
    """
    from neurocanvas.sim import compare

    found = compare.compare_results(circuit.snapshot(), circuit.kinds, engine, reference)
    for rows in (compare.spike_rows(found), compare.trace_rows(found)):
        if len(rows) > 1:
            print("\n".join(["", *compare.table_text(rows)]))


def _set(circuit: Circuit, duration: str | None, dt: str | None, seed: int | None) -> None:
    """Give a circuit the settings of the command line, under the rules of those in a file."""
    from neurocanvas.model.edits import SetSettings
    from neurocanvas.model.quantity import parse_quantity

    settings = circuit.settings
    if duration is not None:
        settings = replace(settings, duration=parse_quantity(duration, "ms", "--duration"))
    if dt is not None:
        settings = replace(settings, dt=parse_quantity(dt, "ms", "--dt"))
    if seed is not None:
        settings = replace(settings, seed=seed)
    circuit.apply(SetSettings(settings))


@dataclass(frozen=True)
class How:
    """How a circuit is run.

    Attributes:
        quiet: Without telling how far it is.
        measure: Whether to measure where the engine's time goes.
        threads: How many there are, None for as many as pay.
    """

    quiet: bool = False
    measure: bool = False
    threads: int | None = None


DEFAULT = How()


def run_circuit(circuit: Circuit, reference: bool = False, how: How = DEFAULT) -> Run:
    """Run a circuit over its duration, or until Ctrl+C.

    Raises:
        Cancelled: Ctrl+C was pressed before there was anything to keep.
    """
    from neurocanvas.sim.simulate import simulate

    record = _record(circuit)
    _check_memory(circuit, record)
    start = time.perf_counter()
    with Watch(how.quiet, keep=True) as watch:
        result = simulate(
            circuit,
            circuit.settings.duration,
            record=record,
            reference=reference,
            tell=watch.tell,
            enough=watch.enough,
            measure=how.measure,
            threads=how.threads,
        )
    steps = max(1, round(circuit.settings.duration / result.dt_ms))
    return Run(result, time.perf_counter() - start, stopped=len(result.times) <= steps)


def _record(circuit: Circuit) -> dict[str, list[str]]:
    """Record the main variable of every neuron, and what the probes in the file show."""
    from neurocanvas.model.channels import channel_count, channel_variables
    from neurocanvas.sim.simulate import MAX_DEFAULT_SIZE, default_record

    record = default_record(circuit)
    for probe in circuit.bench.probes:
        element = circuit.element(probe.node)
        known = probe.variable in channel_variables(circuit, element)
        small = channel_count(circuit, element) <= MAX_DEFAULT_SIZE
        if known and small:
            names = record.setdefault(element.id, [])
            names += [probe.variable] if probe.variable not in names else []
    return record


def _check_memory(circuit: Circuit, record: dict[str, list[str]]) -> None:
    """Refuse what the machine can't hold, before it begins to swap."""
    from neurocanvas.model.channels import channel_count

    settings = circuit.settings
    channels = sum(
        len(names) * channel_count(circuit, circuit.element(i)) for i, names in record.items()
    )
    needed = 8 * (channels + 1) * settings.duration / settings.dt
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # this system does not tell
        return
    if needed > there / 2:
        raise SimulationError(
            f"duration = {settings.duration:g} ms would fill {needed / 1e9:.3g} GB of memory, and "
            f"the machine has {there / 1e9:.3g} GB; a shorter duration or a larger dt would do"
        )


def deliver(
    circuit: Circuit, done: Run, traces: str | None, spikes: str | None, *, quiet: bool = False
) -> None:
    """Write what was asked for and say what came out."""
    from neurocanvas.formats import tables
    from neurocanvas.formats.summary import summary

    with Watch(quiet) as watch:
        tables.write_tables(done.result, traces=traces, spikes=spikes, tell=watch.tell)
    if quiet:
        return
    print(summary(circuit, done.result, done.elapsed_s))
    for path in (traces, spikes):
        if path is not None:
            print(f"written: {path}")


def check(args: argparse.Namespace) -> int:
    """Say whether a file is fine; what is wrong with it, the errors say."""
    from neurocanvas.formats.elements import not_simulated
    from neurocanvas.model import rules

    circuit = load(args.file)
    if not_simulated(circuit):
        return 1  # the lines on stderr name them
    for warning in [*rules.dale_warnings(circuit), *_warnings(circuit)]:
        print(f"{args.file}: warning: {warning}")
    neurons = sum(node.size for node in circuit.nodes() if circuit.kind_of(node).family == "neuron")
    counts = ((len(circuit), "node"), (circuit.link_count(), "link"), (neurons, "neuron"))
    words = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts)
    print(f"{args.file}: fine ({words})")
    return 0


def kinds(args: argparse.Namespace) -> int:
    """Print the catalogue, or all there is to say of one kind."""
    from neurocanvas import library
    from neurocanvas.formats import catalogue
    from neurocanvas.sim.integrators import describe

    registry = library.registry()
    chosen = [registry.get(args.name)] if args.name else list(registry)
    if args.json:
        items = [catalogue.kind_json(kind, describe(kind)) for kind in chosen]
        print(json.dumps(items[0] if args.name else items, ensure_ascii=False, indent=2))
    elif args.name:
        print(catalogue.kind_text(chosen[0], describe(chosen[0])))
    else:
        print(catalogue.overview(chosen))
    return 0


def render(args: argparse.Namespace) -> int:
    """Draw a file as a picture."""
    from neurocanvas.formats import files
    from neurocanvas.model.quantity import parse_quantity

    out = Path(args.out)
    if out.suffix.lower() not in PICTURE_SUFFIXES:
        raise FileError(f"{out}: a picture ends in {' or '.join(PICTURE_SUFFIXES)}")
    files.check_writable(out)
    run_ms = None if args.run is None else parse_quantity(args.run, "ms", "--run")
    if run_ms is not None and run_ms <= 0:
        raise QuantityError(f"--run {args.run} is not possible; a time above 0 ms is")
    draw(load(args.file), out, run_ms)
    print(f"written: {out}")
    return 0


def draw(circuit: Circuit, out: Path, run_ms: float | None) -> None:
    """Draw a picture; no window opens, so no display is needed either."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from neurocanvas.app.render import render as render_picture
    except ImportError as error:
        raise FileError(f"{out}: can't be drawn: {error}") from None
    with Watch() as watch:
        render_picture(circuit, out, run_ms, watch.tell)
