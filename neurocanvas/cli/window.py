"""The window; or, where none can be shown, a run that leaves its results behind."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
from pathlib import Path

from neurocanvas.errors import FileError

HEADLESS_FOLDER = "neurocanvas-run"
"""Where a start without a display puts its results, in the current folder."""
HEADLESS_PICTURE_MS = 500.0
"""How much of the run the picture shows, at most."""

X_SOCKETS = Path("/tmp/.X11-unix")
PATIENCE_S = 1.0


def window(args: argparse.Namespace) -> int:
    """Open the window, with a file if one is named."""
    if args.file is not None and not Path(args.file).is_file():
        raise FileError(f"{args.file}: there is no such file, and no such command")
    reason = why_no_display()
    if reason:
        return _without_display(args.file, reason)
    # Nothing of what is loaded now will be garbage: looking for it takes a tenth of the start.
    gc.disable()
    try:
        from neurocanvas.app.main import main as open_window
    except ImportError as error:
        raise FileError(f"the window can't be opened: {error}") from None
    return open_window(args.file)


def why_no_display() -> str | None:
    """Say why no window can be shown, or None if one can.

    Qt would end the program if it found nobody behind the names that it is given.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return None
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return "DISPLAY and WAYLAND_DISPLAY are not set"
    if (wayland and _wayland_answers(wayland)) or (display and _x_answers(display)):
        return None
    return f"nobody answers at {wayland or display}"


def _wayland_answers(name: str) -> bool:
    return _answers(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))


def _x_answers(display: str) -> bool:
    """Whether an X server listens: ``:0``, ``unix:0.0`` or ``host:10.0``."""
    host, _, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdecimal():
        return False
    if host in ("", "unix"):
        path = str(X_SOCKETS / f"X{number}")
        return _answers(path) or _answers(f"\0{path}")
    try:
        with socket.create_connection((host, 6000 + int(number)), PATIENCE_S):
            return True
    except OSError:
        return False


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PATIENCE_S)
        return probe.connect_ex(path) == 0


def _without_display(file: str | None, reason: str) -> int:
    """Run the file, or the sample of the first start, and leave traces, spikes and a picture."""
    from neurocanvas.cli import commands
    from neurocanvas.formats import samples, tables

    path = Path(file) if file else samples.start_up().path
    words = f"there is no display ({reason}), so {path.name} runs without a window"
    print(f"neurocanvas: {words}", file=sys.stderr)
    circuit = commands.load(str(path))
    folder = Path(HEADLESS_FOLDER)
    traces, spikes = folder / f"{path.stem}_traces.csv", folder / f"{path.stem}_spikes.csv"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: can't be made: {error.strerror}") from None
    tables.check_paths(traces, spikes)
    done = commands.run_circuit(circuit)
    commands.deliver(circuit, done, str(traces), str(spikes))
    if done.stopped:
        return commands.say_stopped(circuit, done)
    picture = folder / f"{path.stem}.png"
    commands.draw(circuit, picture, min(circuit.settings.duration, HEADLESS_PICTURE_MS))
    print(f"written: {picture}")
    return 0
