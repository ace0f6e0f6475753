"""The command line: the window, and everything that needs none.

Errors are one line on stderr. Exit codes: 0 fine, 1 the input is bad (nothing was written),
2 wrong usage, 130 stopped with Ctrl+C (what had been run by then was written). Each command is
imported when it is asked for, so that the window comes up quickly.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from neurocanvas.cli.words import parse
from neurocanvas.errors import Cancelled, NeuroCanvasError

FINE, BAD_INPUT, WRONG_USAGE, STOPPED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: What stands behind the program's name; that of the process if None.
    """
    _print_anything()
    try:
        args = parse(list(sys.argv[1:] if argv is None else argv))
        code = _command(args)(args)
        sys.stdout.flush()
        return code
    except Cancelled as error:
        print(f"neurocanvas: {error}; nothing was written", file=sys.stderr)
        return STOPPED
    except NeuroCanvasError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("there is not enough memory for this circuit and duration")
    except KeyboardInterrupt:
        print("neurocanvas: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        _drop_output()  # whoever read it has seen enough, as `head` does
        return FINE
    except OSError as error:
        _drop_output()
        return _fail(f"the output can't be written: {(error.strerror or str(error)).lower()}")


def _command(args: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    if args.command == "window":
        if args.version:
            return _version
        from neurocanvas.cli import window

        return window.window
    from neurocanvas.cli import commands

    found = {
        "run": commands.run,
        "check": commands.check,
        "kinds": commands.kinds,
        "render": commands.render,
    }
    return found[args.command]


def _version(_: argparse.Namespace) -> int:
    import neurocanvas

    print(f"neurocanvas {neurocanvas.__version__}")
    return FINE


def _fail(reason: str) -> int:
    print(f"neurocanvas: {reason}", file=sys.stderr)
    return BAD_INPUT


def _print_anything() -> None:
    """Let a terminal that lacks a letter show a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_output() -> None:
    """Send what is still to be printed nowhere, else Python complains of it again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
