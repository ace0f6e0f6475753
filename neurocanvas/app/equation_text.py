"""Equation text as rich text: names, numbers and functions in their colours, aligned at ``=``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from neurocanvas.app.theme import Theme
from neurocanvas.model.expressions import FUNCTIONS
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind

TOKEN = re.compile(
    r"(?P<comment>\#.*)"
    r"|(?P<derivative>d[A-Za-z]\w*/dt)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<power>\*\*\s*(?:\d+\.?\d*|[A-Za-z_]\w*)|\*\*)"
    r"|(?P<sign>[-+*/<>=]=?)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)"
)
_MONO = "font-family:JetBrains Mono; font-size:12px"
_SHOWN = {"*": "\u00b7", "-": "\u2212", ">=": "\u2265", "<=": "\u2264"}


def equations_html(kind: Kind, colours: Theme) -> str:
    """Return everything that a kind computes, by section, as rich text."""
    return "".join(
        heading_html(heading, colours) + lines_html(lines, colours)
        for heading, lines in sections(kind)
        if lines
    )


def heading_html(text: str, colours: Theme) -> str:
    """Return a small heading as rich text."""
    style = f"color:{colours.text_faint}; font-size:11px; font-weight:600; margin:12px 0 4px 0"
    return f"<p style='{style}'>{escape(text.upper())}</p>"


def variables_html(kind: Kind, colours: Theme) -> str:
    """Return a table of what can be recorded: name, unit, meaning."""
    if not kind.variables:
        return ""
    rows = "".join(
        f"<tr><td style='{_MONO}; padding:0 10px 2px 0'>{escape(v.name)}</td>"
        f"<td style='{_MONO}; padding:0 10px 2px 0; color:{colours.text_faint}'>"
        f"{escape(v.unit)}</td>"
        f"<td style='color:{colours.text_dim}; font-size:12px'>{escape(v.doc)}</td></tr>"
        for v in kind.variables
    )
    return f"{heading_html('Variables', colours)}<table cellspacing='0'>{rows}</table>"


def sections(kind: Kind) -> list[tuple[str, list[str]]]:
    """Return headings with lines of equation text: equations, start, spikes."""
    set_here = [f"{text.name} = {text.default}" for text in kind.texts if not text.choices]
    found = [("Equations", _equations(kind) + set_here)]
    starts = [f"{state} = {kind.initial.get(state, '0')}" for state in kind.system.states]
    found.append(("At the start", starts))
    if isinstance(kind, NeuronKind):
        found.append(("After every step", _lines(kind.update)))
        found.append(("Spike when", _lines(kind.threshold)))
        found.append(("At a spike", _lines(kind.reset)))
        held = f"{kind.main} is held for {kind.refractory}"
        found.append(("After a spike", [held] if kind.refractory else []))
    elif isinstance(kind, SynapseKind):
        found.append(("When a spike arrives", _lines(kind.on_spike)))
    elif isinstance(kind, SourceKind):
        found.append(("Spikes", _lines(kind.events)))
    return found


def _equations(kind: Kind) -> list[str]:
    """Return the equations without the notes behind them that the table of variables shows."""
    told = {variable.name for variable in kind.variables}
    found = []
    for line in _lines(kind.equations):
        code = line.split("#", 1)[0].rstrip()
        target = code.split("=", 1)[0].strip()
        name = target.removeprefix("d").partition("/")[0] if "/" in target else target
        found.append(code if name in told else line)
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def lines_html(lines: Iterable[str], colours: Theme) -> str:
    """Return lines of equation text in colours, one paragraph each."""
    style = f"{_MONO}; margin:0 0 4px 18px; text-indent:-18px"
    return "".join(f"<p style='{style}'>{line_html(line, colours)}</p>" for line in lines)


def line_html(line: str, colours: Theme) -> str:
    """Return one line of equation text in colours."""
    return "".join(_token_html(m, colours) for m in TOKEN.finditer(line))


def _token_html(match: re.Match[str], colours: Theme) -> str:
    text, kind = match.group(), match.lastgroup
    if kind == "space":
        return " "
    if kind == "power":
        exponent = text.removeprefix("**").strip()
        raised = f"<sup>{_coloured(exponent, colours.code_number)}</sup>"
        return raised if exponent else _coloured("^", colours.text_dim)
    if kind == "name" and text in FUNCTIONS:
        return _coloured(text, colours.code_function)
    colour = {
        "comment": colours.code_comment,
        "number": colours.code_number,
        "derivative": colours.code_name,
        "name": colours.code_name,
    }.get(str(kind), colours.text_dim)
    return _coloured(_SHOWN.get(text, text), colour)


def _coloured(text: str, colour: str) -> str:
    return f"<span style='color:{colour}'>{escape(text)}</span>"
