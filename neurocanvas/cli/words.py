"""The words of the command line: what may stand there, and what is said of it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import NoReturn

WRONG_USAGE = 2

_AMOUNT = re.compile(r"-\.?\d")
"""How a negative number with a unit begins."""

_ABOUT = """\
Without a command the window opens, with FILE or with a sample that runs.

commands:
  run FILE        simulate without a window; write traces and spikes
  check FILE      say what is wrong with a file, and where
  kinds [NAME]    the catalogue: equations, parameters, units, ranges
  render FILE     the canvas as a picture

neurocanvas COMMAND --help tells more of a command."""


def parse(words: list[str]) -> argparse.Namespace:
    """Read the words behind the program's name; ``command`` says what is to be done.

    Raises:
        SystemExit: They make no sense (2), or help was asked for and given (0).
    """
    parsers = {"run": _run_parser, "check": _check_parser, "kinds": _kinds_parser}
    parsers["render"] = _render_parser
    if words and words[0] in parsers:
        return parsers[words[0]]().parse_args(_with_amounts(words[1:]))
    return _window_parser().parse_args(words)


def _with_amounts(words: Iterable[str]) -> list[str]:
    """Join "-1s" with the option before it: argparse would take it for an option too.

    That it is not possible is then said by who knows what would be.
    """
    found: list[str] = []
    for word in words:
        if found and re.fullmatch(r"--[\w-]+", found[-1]) and _AMOUNT.match(word):
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the words in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


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
    parser.add_argument("--version", action="store_true", help="say which version this is")
    parser.set_defaults(command="window")
    return parser


def _run_parser() -> argparse.ArgumentParser:
    parser = _sub_parser("run", "Simulate a file without a window.")
    parser.add_argument(
        "--duration", metavar="TIME", help='such as "1s"; that of the file if left out'
    )
    parser.add_argument("--dt", metavar="TIME", help='time step, such as "0.1ms"')
    parser.add_argument("--seed", type=int, metavar="N", help="seed of every random stream")
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="how many, at most one for each processor; as many as pay if left out",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--reference", action="store_true", help="solve it to high accuracy (scipy's solve_ivp)"
    )
    which.add_argument("--profile", action="store_true", help="say where the engine's time goes")
    parser.add_argument(
        "--compare",
        action="store_true",
        help="run the engine and the reference, and say how far apart they are",
    )
    parser.add_argument(
        "--traces", metavar="OUT", help="write the recorded variables: .csv or .npz"
    )
    parser.add_argument(
        "--spikes", metavar="OUT", help="write all spikes that are listed: .csv or .npz"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no progress and no summary, only what is wrong"
    )
    return parser


def _check_parser() -> argparse.ArgumentParser:
    return _sub_parser("check", "Say what is wrong with a file, and where.")


def _kinds_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="neurocanvas kinds", description="The catalogue.", allow_abbrev=False)
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="one kind, with all there is to say"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command="kinds")
    return parser


def _render_parser() -> argparse.ArgumentParser:
    parser = _sub_parser("render", "Draw the canvas of a file as a picture.")
    parser.add_argument("--out", required=True, metavar="OUT", help="the picture: .png or .svg")
    parser.add_argument("--run", metavar="TIME", help="simulate so long, and show traces too")
    return parser


def _sub_parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"neurocanvas {name}", description=description, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="a .neuro file")
    parser.set_defaults(command=name)
    return parser
