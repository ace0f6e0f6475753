"""What a kind looks like on the canvas, and the words and colours that follow from values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor
from PySide6.QtSvg import QSvgRenderer

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.theme import Theme
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.parameters import Parameter
from neurocanvas.model.projections import Rule
from neurocanvas.model.quantity import format_quantity
from neurocanvas.model.signs import EXCITES, INHIBITS, link_signs

LEVELS = 32
"""Steps of the fill colour from rest to a spike."""
UNKNOWN_LEVEL = -1
"""The fill of a neuron whose potential nobody knows yet."""

_LOWEST_MV, _HIGHEST_MV = -95.0, 50.0
"""Membranes stay between these, however far reversal potentials are."""
_DIFFERENCES = ("Delta", "sigma")
"""Beginnings of names of parameters that are differences of potentials, not potentials."""
MOST_LETTERS = 22
"""Longer labels are cut on the canvas."""

NEURON, SOURCE, PLACEHOLDER = 0, 1, 2

_GLYPH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE+\-., \t\n]{1,2000}")


@dataclass(frozen=True)
class Look:
    """How nodes of a kind are drawn.

    Attributes:
        family: ``NEURON`` (circle), ``SOURCE`` (rounded square) or ``PLACEHOLDER`` (dashed).
        symbol: Letters inside, used where there is no glyph.
        glyph: SVG path in a box of 24 by 24, or empty.
        stacked: Three behind each other, for a population.
    """

    family: int
    symbol: str
    glyph: str
    stacked: bool


@lru_cache(maxsize=1024)
def _look(family: int, symbol: str, glyph: str, stacked: bool) -> Look:
    return Look(family, symbol, glyph, stacked)


def look_of(kind: Kind | None, size: int) -> Look:
    """Return the look of a node of this kind and size; None is a kind nobody knows."""
    if kind is None or kind.placeholder:
        return _look(PLACEHOLDER, "?", "", size > 1)
    if isinstance(kind, SourceKind):
        glyph = kind.glyph if _GLYPH.fullmatch(kind.glyph) else ""
        return _look(SOURCE, kind.symbol, glyph, size > 1)
    return _look(NEURON, kind.symbol, "", size > 1)


@lru_cache(maxsize=256)
def glyph_renderer(path: str, colour: str, width: float) -> QSvgRenderer:
    """Return what draws an SVG path of a box of 24 by 24 in a colour (``#rrggbb``)."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="none" '
        f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" '
        f'stroke-linejoin="round" d="{path}"/></svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode()))


# -- values --------------------------------------------------------------------------------------


def natural_range(kind: Kind | None, values: Mapping[str, float]) -> tuple[float, float]:
    """Return the range of the main variable that the fill colours span.

    It is what the parameters of the same quantity span (rest, threshold, reversal potentials).
    Where a spike is only a reset, it reaches half as far again, because the spike itself, which
    gets the brightest colour, is not in the variable.
    """
    if not isinstance(kind, NeuronKind):
        # A source of current brightens by half while it gives what its parameters say.
        currents = [abs(values[p.name]) for p in kind.parameters if p.unit == "pA"] if kind else []
        return 0.0, 2.0 * max([1.0, *currents])
    unit = main_unit(kind)
    found = [values[p.name] for p in kind.parameters if _is_like(p, kind.main, unit)]
    low, high = (min(found), max(found)) if found else (0.0, 0.0)
    if unit == "mV":
        low, high = max(low, _LOWEST_MV), min(high, _HIGHEST_MV)
        if kind.reset and high < 0.0:
            high += 0.5 * (high - low)
    if high - low > 1e-9:
        return low, high
    return (-80.0, 40.0) if unit == "mV" else (0.0, 1.0)


def _is_like(parameter: Parameter, main: str, unit: str) -> bool:
    """Whether a parameter is a value of the main variable, such as a threshold."""
    if unit == "1":
        return parameter.name.startswith(f"{main}_")
    return parameter.unit == unit and not parameter.name.startswith(_DIFFERENCES)


def main_unit(kind: Kind | None) -> str:
    """Return the unit of the main variable, "1" where there is none."""
    if not isinstance(kind, NeuronKind):
        return "1"
    variable = kind.recordable.get(kind.main)
    return variable.unit if variable else "1"


def potential_text(value: float, unit: str) -> str:
    """Return the present value of a main variable: ``"+31 mV"``."""
    if value != value:
        return ""
    if unit == "mV":
        return f"{value:+.0f} mV".replace("-", "\u2212")
    return format_quantity(value, unit, 3)


def shown_label(label: str) -> str:
    """Return a label as drawn: cut where it would run into its neighbours."""
    return label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "\u2026"


def node_note(node: Node, kind: Kind | None, values: Mapping[str, float]) -> str:
    """Return the second line under a node: the main value of a source, the size of a population."""
    if kind is None or kind.placeholder:
        return "unknown kind"
    if isinstance(kind, SourceKind):
        text = _source_note(kind, node, values)
        return f"{text} \u00d7 {node.size}" if node.size > 1 else text
    return f"{node.size} cells" if node.size > 1 else ""


def _source_note(kind: SourceKind, node: Node, values: Mapping[str, float]) -> str:
    """Return what a source gives: its main value, how many numbers it has, or its expression."""
    if kind.data:
        count = len(node.data.get(kind.data[0].name, kind.data[0].default))
        return f"{count} values"
    if kind.parameters:
        return _value_text(kind, node, values, kind.parameters[0].name)
    return f"{kind.texts[0].name}(t)" if kind.texts else ""


def link_text(link: Link, kind: Kind | None, values: Mapping[str, float]) -> str:
    """Return the words on a link: ``"12 nS · 2 ms"``; empty where there is nothing to say."""
    if kind is None or kind.placeholder:
        return "unknown kind"
    parts = [_value_text(kind, link, values, n) for n in ("weight", "delay") if n in values]
    if values.get("gain", 1.0) != 1.0:
        parts.append(f"\u00d7 {format_quantity(values['gain'], '1')}")
    parts += [link.texts.get(t.name, t.default) for t in kind.texts if t.choices]
    parts.append(_rule_text(link.rule))
    return " \u00b7 ".join(part for part in parts if part)


def _rule_text(rule: Rule) -> str:
    """Return a few letters on a connection rule; none for all to all."""
    match rule.name:
        case "probability":
            return f"p {rule.value('p'):.3g}"
        case "fixed_in_degree":
            return f"{rule.value('n'):.6g} in"
        case "fixed_out_degree":
            return f"{rule.value('n'):.6g} out"
        case "fixed_total_number":
            return f"{rule.value('n'):.6g} in all"
        case "gaussian_ring" | "gaussian_grid":
            return f"\u03c3 {rule.value('sigma'):.3g}"
        case "one_to_one":
            return "1:1"
    return ""


def _value_text(kind: Kind, element: Node | Link, values: Mapping[str, float], name: str) -> str:
    text = format_quantity(values[name], kind.parameter(name).unit, 3)
    # A value drawn from a distribution shows its mean.
    drawn = isinstance(element.parameters.get(name), Distribution)
    return f"~ {text}" if drawn else text


def link_width(kind: Kind | None, values: Mapping[str, float]) -> float:
    """Return the width of a link in scene pixels: thicker for a weight above the default."""
    if kind is None or "weight" not in values:
        return 2.0
    default = abs(kind.parameter("weight").default)
    if not default:
        return 2.0
    return min(max(2.0 * (abs(values["weight"]) / default) ** 0.4, 1.3), 3.6)


# -- colours -------------------------------------------------------------------------------------

EXCITATORY, INHIBITORY, INJECTION, NEUTRAL, UNKNOWN_LINK = range(5)
_LINK_COLOURS = ("excitatory", "inhibitory", "injection", "neutral", "text_faint")


def link_group(kind: Kind | None, given: Mapping[str, Value]) -> int:
    """Return which colour a link has: ``EXCITATORY`` ... ``UNKNOWN_LINK``.

    Args:
        kind: Its kind.
        given: The parameters that were set: where the kind has no sign, the weight decides.
    """
    if not isinstance(kind, SynapseKind) or kind.placeholder:
        return UNKNOWN_LINK
    signs = {kind.sign} if kind.sign else link_signs(kind, given)
    if len(signs) == 1:
        return EXCITATORY if EXCITES in signs else INHIBITORY
    return INJECTION if kind.carries in ("current", "command") else NEUTRAL


def link_head(kind: Kind | None, given: Mapping[str, Value]) -> int:
    """Return what a link ends in: ``geometry.ARROW`` to ``PLAIN``; see ``link_group``."""
    if not isinstance(kind, SynapseKind) or kind.placeholder:
        return geo.ARROW
    if kind.symmetric:
        return geo.PLAIN
    if kind.gives == "modulation":
        return geo.DOT
    signs = {kind.sign} if kind.sign else link_signs(kind, given)
    return geo.BAR if signs == {INHIBITS} else geo.ARROW


SOLID, DASHED, ZIGZAG = range(3)
"""How the line of a link is drawn."""


def link_stroke(kind: Kind | None) -> int:
    """Return how the line of a link is drawn: ``SOLID`` to ``ZIGZAG``."""
    if not isinstance(kind, SynapseKind) or kind.placeholder:
        return DASHED
    if kind.symmetric:
        return ZIGZAG
    return DASHED if kind.gives == "modulation" else SOLID


def link_colour(theme: Theme, group: int) -> str:
    """Return the colour of a group of links."""
    return str(getattr(theme, _LINK_COLOURS[group]))


@lru_cache(maxsize=512)
def fill_colour(theme: Theme, level: int) -> QColor:
    """Return the fill of a neuron at a level from 0 (rest) to ``LEVELS - 1`` (a spike)."""
    if level < 0:
        return QColor(theme.neuron)
    share = min(level / (LEVELS - 1), 1.0)
    stops = (theme.rest, theme.depolarized, theme.spike)
    below = 0 if share < 0.5 else 1
    return mixed(stops[below], stops[below + 1], 2 * share - below)


def symbol_colour(theme: Theme, level: int) -> QColor:
    """Return the colour of the letters on a fill: what is legible there."""
    if level < 0:
        return QColor(theme.neuron_text)
    fill = fill_colour(theme, level)
    dark = _luminance(fill) > 0.22
    return QColor(theme.on_spike if dark else theme.on_rest)


def _luminance(colour: QColor) -> float:
    """Relative luminance of sRGB (WCAG 2.1)."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(first: str, second: str, share: float) -> QColor:
    """Return a colour between two, at ``share`` (0 to 1) of the way."""
    a, b = QColor(first), QColor(second)
    return QColor.fromRgbF(
        a.redF() + share * (b.redF() - a.redF()),
        a.greenF() + share * (b.greenF() - a.greenF()),
        a.blueF() + share * (b.blueF() - a.blueF()),
    )


def faded(colour: str, alpha: float) -> QColor:
    """Return a colour with an opacity from 0 to 1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result
