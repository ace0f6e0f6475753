"""The command line: the window, and everything that needs none.

Errors are one line on stderr. Exit codes: 0 fine, 1 the input is bad (nothing was written),
2 wrong usage, 130 stopped with Ctrl-C. What only some commands need is imported by them, so that
the window comes up quickly.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from neurocanvas.errors import FileError, NeuroCanvasError, QuantityError, SimulationError

if TYPE_CHECKING:
    from rich.progress import Progress

    from neurocanvas.model.circuit import Circuit
    from neurocanvas.sim.result import Result

FINE, BAD_INPUT, WRONG_USAGE, STOPPED = 0, 1, 2, 130
PICTURE_SUFFIXES = (".png", ".svg")
HEADLESS_FOLDER = "neurocanvas-run"
"""Where a start without a display puts its results, in the current folder."""
HEADLESS_PICTURE_MS = 500.0
"""How much of the run the picture shows, at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: What stands behind the program's name; that of the process if None.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parse(words)
        command: Callable[[argparse.Namespace], int] = args.command
        return command(args)
    except NeuroCanvasError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("there is not enough memory for this circuit and duration")
    except KeyboardInterrupt:
        print("neurocanvas: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does; Python's own flush at the end
        # would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def _fail(reason: str) -> int:
    print(f"neurocanvas: {reason}", file=sys.stderr)
    return BAD_INPUT


# -- words ---------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the words in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


_ABOUT = """\
Without a command the window opens, with FILE or with a sample that runs.

commands:
  run FILE        simulate without a window; write traces and spikes
  check FILE      say what is wrong with a file, and where
  kinds [NAME]    the catalogue: equations, parameters, units, ranges
  render FILE     the canvas as a picture

neurocanvas COMMAND --help tells more of a command."""


def _parse(words: list[str]) -> argparse.Namespace:
    parsers = {"run": _run_parser, "check": _check_parser, "kinds": _kinds_parser}
    parsers["render"] = _render_parser
    if words and words[0] in parsers:
        return parsers[words[0]]().parse_args(words[1:])
    return _window_parser().parse_args(words)


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="neurocanvas",
        usage="neurocanvas [FILE]\n       neurocanvas COMMAND ...",
        description="A desktop bench for neural circuits.",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="a .neuro file to open")
    parser.add_argument("--version", action="version", version=f"neurocanvas {_version()}")
    parser.set_defaults(command=_window)
    return parser


def _run_parser() -> argparse.ArgumentParser:
    parser = _sub_parser("run", "Simulate a file without a window.", _run)
    parser.add_argument(
        "--duration", metavar="TIME", help='such as "1s"; that of the file if left out'
    )
    parser.add_argument("--dt", metavar="TIME", help='time step, such as "0.1ms"')
    parser.add_argument("--seed", type=int, metavar="N", help="seed of every random stream")
    parser.add_argument(
        "--reference", action="store_true", help="solve it to high accuracy (scipy's solve_ivp)"
    )
    parser.add_argument(
        "--traces", metavar="OUT", help="write the recorded variables: .csv or .npz"
    )
    parser.add_argument("--spikes", metavar="OUT", help="write all spikes: .csv or .npz")
    return parser


def _check_parser() -> argparse.ArgumentParser:
    return _sub_parser("check", "Say what is wrong with a file, and where.", _check)


def _kinds_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="neurocanvas kinds", description="The catalogue.", allow_abbrev=False)
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="one kind, with all there is to say"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command=_kinds)
    return parser


def _render_parser() -> argparse.ArgumentParser:
    parser = _sub_parser("render", "Draw the canvas of a file as a picture.", _render)
    parser.add_argument("--out", required=True, metavar="OUT", help="the picture: .png or .svg")
    parser.add_argument("--run", metavar="TIME", help="simulate so long, and show traces too")
    return parser


def _sub_parser(
    name: str, description: str, command: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"neurocanvas {name}", description=description, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="a .neuro file")
    parser.set_defaults(command=command)
    return parser


def _version() -> str:
    import neurocanvas

    return neurocanvas.__version__


# -- the window ----------------------------------------------------------------------------------


def _window(args: argparse.Namespace) -> int:
    if args.file is not None and not Path(args.file).is_file():
        raise FileError(f"{args.file}: there is no such file, and no such command")
    if not has_display():
        return _without_display(args.file)
    try:
        from neurocanvas.app.main import main as open_window
    except ImportError as error:
        raise FileError(f"the window can't be opened: {error}") from None
    return open_window(args.file)


def has_display() -> bool:
    """Whether a window can be shown: on Linux, something has to say where."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in named)


def _without_display(file: str | None) -> int:
    """Run the file, or the sample of the first start, and leave traces, spikes and a picture."""
    from neurocanvas.formats import samples, tables

    path = Path(file) if file else samples.start_up().path
    print(
        f"neurocanvas: there is no display (DISPLAY and WAYLAND_DISPLAY are not set), "
        f"so {path.name} runs without a window",
        file=sys.stderr,
    )
    folder = Path(HEADLESS_FOLDER)
    traces, spikes = folder / f"{path.stem}_traces.csv", folder / f"{path.stem}_spikes.csv"
    picture = folder / f"{path.stem}.png"
    circuit = _load(str(path))
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: can't be made: {error.strerror}") from None
    tables.check_paths(traces, spikes)
    result, elapsed = _simulate(circuit)
    _deliver(circuit, result, elapsed, str(traces), str(spikes))
    _draw(circuit, picture, min(circuit.settings.duration, HEADLESS_PICTURE_MS))
    print(f"written: {picture}")
    return FINE


# -- run, check, kinds, render -------------------------------------------------------------------


def _load(path: str) -> Circuit:
    """Read a file; what it holds that this version does not know is said on stderr."""
    from neurocanvas import library
    from neurocanvas.formats import native

    circuit, report = native.load(path, library.registry())
    for line in report:
        print(f"neurocanvas: {path}: {line}", file=sys.stderr)
    return circuit


def _run(args: argparse.Namespace) -> int:
    from neurocanvas.formats import tables

    tables.check_paths(args.traces, args.spikes)
    circuit = _load(args.file)
    _set(circuit, args.duration, args.dt, args.seed)
    result, elapsed = _simulate(circuit, args.reference)
    _deliver(circuit, result, elapsed, args.traces, args.spikes)
    return FINE


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


def _simulate(circuit: Circuit, reference: bool = False) -> tuple[Result, float]:
    """Return the result and the seconds it took."""
    from neurocanvas.sim.simulate import simulate

    record = _record(circuit)
    _check_memory(circuit, record)
    start = time.perf_counter()
    with _Progress() as progress:
        result = simulate(
            circuit,
            circuit.settings.duration,
            record=record,
            reference=reference,
            progress=progress.show,
        )
    return result, time.perf_counter() - start


def _record(circuit: Circuit) -> dict[str, list[str]]:
    """Record the main variable of every neuron, and what the probes in the file show."""
    from neurocanvas.sim.simulate import MAX_DEFAULT_SIZE, default_record

    record = default_record(circuit)
    for probe in circuit.bench.probes:
        node = circuit.node(probe.node)
        known = probe.variable in circuit.kind_of(node).recordable
        if known and node.size <= MAX_DEFAULT_SIZE:
            names = record.setdefault(node.id, [])
            names += [probe.variable] if probe.variable not in names else []
    return record


def _check_memory(circuit: Circuit, record: dict[str, list[str]]) -> None:
    """Refuse what the machine can't hold, before it begins to swap."""
    settings = circuit.settings
    channels = sum(len(names) * circuit.node(node_id).size for node_id, names in record.items())
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


def _deliver(
    circuit: Circuit, result: Result, elapsed: float, traces: str | None, spikes: str | None
) -> None:
    """Write what was asked for and say what came out."""
    from neurocanvas.formats import tables
    from neurocanvas.formats.summary import summary

    tables.write_tables(result, traces=traces, spikes=spikes)
    print(summary(circuit, result, elapsed))
    for path in (traces, spikes):
        if path is not None:
            print(f"written: {path}")


class _Progress:
    """A bar on the terminal for a run that takes over a second; nothing where there is none."""

    DELAY_S = 1.0

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._bar: Progress | None = None

    def __enter__(self) -> _Progress:
        return self

    def show(self, fraction: float) -> None:
        """Show how much is done, from 0 to 1."""
        if self._bar is None:
            if not sys.stderr.isatty() or time.perf_counter() - self._start < self.DELAY_S:
                return
            self._bar = self._make()
        self._bar.update(self._bar.task_ids[0], completed=fraction)

    def _make(self) -> Progress:
        from rich.console import Console
        from rich.progress import Progress

        bar = Progress(console=Console(stderr=True), transient=True)
        bar.add_task("running", total=1.0)
        bar.start()
        return bar

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _check(args: argparse.Namespace) -> int:
    circuit = _load(args.file)
    used = {node.kind for node in circuit.nodes()} | {link.kind for link in circuit.links()}
    if any(circuit.kinds.get(name).placeholder for name in used):
        return BAD_INPUT  # the lines on stderr name them
    neurons = sum(node.size for node in circuit.nodes() if circuit.kind_of(node).family == "neuron")
    words = f"{len(circuit)} nodes, {circuit.link_count()} links, {neurons} neurons"
    print(f"{args.file}: fine ({words})")
    return FINE


def _kinds(args: argparse.Namespace) -> int:
    from neurocanvas import library
    from neurocanvas.formats import catalogue
    from neurocanvas.sim.integrators import describe

    kinds = library.registry()
    chosen = [kinds.get(args.name)] if args.name else list(kinds)
    if args.json:
        items = [catalogue.kind_json(kind, describe(kind)) for kind in chosen]
        print(json.dumps(items[0] if args.name else items, ensure_ascii=False, indent=2))
    elif args.name:
        print(catalogue.kind_text(chosen[0], describe(chosen[0])))
    else:
        print(catalogue.overview(chosen))
    return FINE


def _render(args: argparse.Namespace) -> int:
    from neurocanvas.formats import files
    from neurocanvas.model.quantity import parse_quantity

    out = Path(args.out)
    if out.suffix.lower() not in PICTURE_SUFFIXES:
        raise FileError(f"{out}: a picture ends in {' or '.join(PICTURE_SUFFIXES)}")
    files.check_writable(out)
    run_ms = None if args.run is None else parse_quantity(args.run, "ms", "--run")
    if run_ms is not None and run_ms <= 0:
        raise QuantityError(f"--run {args.run} is not possible; a time above 0 ms is")
    _draw(_load(args.file), out, run_ms)
    print(f"written: {out}")
    return FINE


def _draw(circuit: Circuit, out: Path, run_ms: float | None) -> None:
    """Draw a picture; no window opens, so no display is needed either."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from neurocanvas.app.render import render
    except ImportError as error:
        raise FileError(f"{out}: can't be drawn: {error}") from None
    render(circuit, out, run_ms)


if __name__ == "__main__":
    sys.exit(main())
