"""What can be placed or chosen, read from the registry: the rows of the palette."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from neurocanvas.model.kinds import Kind, Registry, SynapseKind

PLASTICITY_FAMILY = "plasticity"
GROUPS = (
    ("neuron", "Neurons"),
    ("synapse", "Synapses"),
    (PLASTICITY_FAMILY, "Plasticity"),
    ("source", "Sources"),
)
INSTRUMENTS = "Instruments"
AUTOMATIC = frozenset({"current", "command"})
"""What only sources give: a link from one of them needs no choice."""
INSTRUMENT_FAMILY = "instrument"
EDITOR_FAMILY = "editor"
HAND_FAMILY = "hand"


@dataclass(frozen=True)
class Part:
    """One row that can be placed, chosen or added.

    Attributes:
        name: Of the kind, or of the instrument.
        family: ``"neuron"``, ``"synapse"``, ``"plasticity"``, ``"source"``, ``"hand"``,
            ``"instrument"`` or ``"editor"``.
        title, hint: As shown; the hint in grey at the right.
        tooltip: Rich text: what it is and where it comes from.
        kind: Its declaration; None for an instrument or an editor.
    """

    name: str
    family: str
    title: str
    hint: str
    tooltip: str
    kind: Kind | None = None


OSCILLOSCOPE = Part(
    "oscilloscope",
    INSTRUMENT_FAMILY,
    "Oscilloscope",
    "probe",
    "<b>Oscilloscope</b><p>Puts a probe on what is selected: its trace appears below.</p>",
)


OWN_EQUATIONS = Part(
    "own_equations",
    EDITOR_FAMILY,
    "Own equations\u2026",
    "",
    "<b>Own equations</b><p>Write the equations of a neuron yourself: with units, ranges and a "
    "preview; it runs as soon as you press OK.</p>",
)


MOUSE = Part(
    "touch",
    HAND_FAMILY,
    "Mouse",
    "T",
    "<b>Mouse</b><p>Be the source yourself: while this is on, press a neuron and hold to give it "
    "current, click to make it fire. T or another click here ends it.</p>",
)


def groups(
    registry: Registry, wanted: str = "", hints: Mapping[str, str] | None = None
) -> list[tuple[str, list[Part]]]:
    """Return headings with their parts, those that match if something is searched for.

    Args:
        registry: The kinds.
        wanted: What is searched for.
        hints: Name of a kind -> grey word beside it, where it is another than its own.
    """
    found = []
    words = hints or {}
    for family, heading in GROUPS:
        kinds = [kind for kind in registry if kind.family == family and not kind.placeholder]
        offered = kinds if wanted else _one_of_each_group(kinds)
        rows = [part_of(kind, words.get(kind.name)) for kind in offered]
        rows += {"neuron": [OWN_EQUATIONS], "source": [MOUSE]}.get(family, [])
        found.append((heading, matching(rows, wanted)))
    found.append((INSTRUMENTS, matching([OSCILLOSCOPE], wanted)))
    asked = wanted.casefold().split()
    shown = [(heading, parts) for heading, parts in found if parts]
    # The best match is the first of all, in whichever group it is.
    return sorted(shown, key=lambda group: _rank(group[1][0], asked) or 0) if asked else shown


def _one_of_each_group(kinds: Iterable[Kind]) -> list[Kind]:
    """Leave out what is automatic, and all forms of one thing but the first."""
    seen: set[str] = set()
    found = []
    for kind in kinds:
        if is_automatic(kind) or kind.group in seen:
            continue
        seen |= {kind.group} - {""}
        found.append(kind)
    return found


def is_automatic(kind: Kind) -> bool:
    """Whether links get this kind by themselves, so that nobody needs to choose it."""
    return isinstance(kind, SynapseKind) and kind.carries in AUTOMATIC


def part_of(kind: Kind, hint: str | None = None) -> Part:
    """Return the palette row of a kind."""
    shown = kind.hint if hint is None else hint
    return Part(kind.name, kind.family, kind.title, shown, kind_tooltip(kind), kind)


def kind_tooltip(kind: Kind) -> str:
    """Return rich text that says what a kind is and where it comes from."""
    text = f"<b>{escape(kind.title)}</b><p>{escape(kind.doc)}</p>"
    return text + (f"<p><i>{escape(kind.source)}</i></p>" if kind.source else "")


def matching(parts: Iterable[Part], wanted: str) -> list[Part]:
    """Return the parts in whose words all the wanted ones occur, best first."""
    words = wanted.casefold().split()
    ranked = [(rank, part) for part in parts if (rank := _rank(part, words)) is not None]
    return [part for _, part in sorted(ranked, key=lambda pair: pair[0])]


def _rank(part: Part, words: list[str]) -> int | None:
    """0 where the title or name begins so, 1 where it contains all, 2 for the rest of the words."""
    near = f"{part.title} {part.name}".casefold()
    far = f"{near} {part.hint} {part.kind.doc if part.kind else ''}".casefold()
    if not all(word in far for word in words):
        return None
    if words and any(name.startswith(words[0]) for name in near.split()):
        return 0
    return 1 if all(word in near for word in words) else 2
