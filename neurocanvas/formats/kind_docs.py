"""The pages of the catalogue: everything a kind declares, as Markdown with LaTeX formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import dedent

from neurocanvas.formats import latex
from neurocanvas.formats.catalogue import first_sentence
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.quantity import DIMENSIONLESS, format_quantity, to_text

INDEX = "README.md"
BRACKET = r"\left["
FAMILIES = {
    "neuron": "Neurons",
    "synapse": "Synapses and other links",
    "source": "Sources",
    "plasticity": "Plasticity",
}
_SIGNS = {1: "excitatory ", -1: "inhibitory ", 0: ""}
_CARRIES = {
    "spikes": "spikes",
    "current": "the current of a source",
    "rate": "the rate of a unit",
    "v": "the membrane potential of a cell",
    "command": "the command of a voltage clamp",
}
_GIVES = {
    "current": "a current (pA)",
    "rate": "an input (a plain number)",
    "modulation": "a change of one of its parameters, or of the weights into it",
}
_EVENTS = {
    "poisson": "random, with this rate per ms (a Poisson process)",
    "count": "whenever this passes a whole number upward",
    "listed": "at the times of this list",
}


def pages(kinds: Sequence[Kind], integrators: Mapping[str, str]) -> dict[str, str]:
    """Return all pages of the catalogue: name of the file -> Markdown.

    Args:
        kinds: The kinds, in the order of the palette.
        integrators: Name of a kind -> which integrator it gets and why.
    """
    found = {f"{kind.name}.md": page(kind, integrators[kind.name]) for kind in kinds}
    return found | {INDEX: index(kinds)}


def index(kinds: Sequence[Kind]) -> str:
    """Return the page that lists all kinds."""
    lines = [
        "# The catalogue",
        "",
        "Every page is generated from the declaration of its kind (`make docs`).",
        "Units are coherent: ms, mV, pA, nS, pF; so equations carry no conversion factors.",
        "",
    ]
    for family, title in FAMILIES.items():
        members = [kind for kind in kinds if kind.family == family]
        rows = [
            (f"[{plain(kind.title)}]({kind.name}.md)", f"`{kind.name}`",
             plain(first_sentence(kind.doc)))
            for kind in members
        ]  # fmt: skip
        lines += [f"## {title}", "", *table(("", "name", ""), rows), ""] if rows else []
    return "\n".join(lines).rstrip() + "\n"


def page(kind: Kind, integrator: str) -> str:
    """Return the page of one kind.

    Args:
        kind: The kind.
        integrator: Which integrator it gets and why, in words.
    """
    parts = [f"# {plain(kind.title)}", "", plain(kind.doc), "", *_facts(kind), ""]
    for title, lines in _sections(kind, integrator):
        while lines and not lines[-1]:
            lines.pop()
        parts += [f"## {title}", "", *lines, ""] if lines else []
    return "\n".join(parts).rstrip() + "\n"


def _sections(kind: Kind, integrator: str) -> Iterator[tuple[str, list[str]]]:
    yield "Equations", list(_equations(kind))
    yield "Parameters", _parameters(kind)
    yield "Expressions to set", _texts(kind)
    yield "Lists to give", _columns(kind)
    yield "Presets", _presets(kind)
    yield "Variables that can be recorded", _variables(kind)
    yield "Integration", [plain(integrator)]
    yield "As written", ["```", *_written(kind), "```"]
    yield "Source", [plain(kind.source)]


def _facts(kind: Kind) -> list[str]:
    """Return what kind of thing it is, in a line or two."""
    form = f", the form *{plain(kind.variant)}* of *{kind.group}*" if kind.group else ""
    match kind:
        case SynapseKind():
            what = f"{_SIGNS[kind.sign]}link"
            ways = ", both ways" if kind.symmetric else ""
            more = (
                f" It carries {_CARRIES[kind.carries]} and gives its target {_GIVES[kind.gives]}"
                f"{ways}."
            )
        case PlasticityKind():
            what, more = "property of synapses that carry spikes", ""
        case _:
            what, more = kind.family, ""
    article = "An" if what[0] in "aeiou" else "A"
    return [f"{article} {what}, `{kind.name}`{form}.{more}"]


# -- equations ------------------------------------------------------------------------------------


def _equations(kind: Kind) -> Iterator[str]:
    """Yield formulas under words: dynamics, start, spikes."""
    written = _lines(kind.equations)
    # What defines variables comes first, however the declaration is ordered.
    derivatives = [line for line in written if line.startswith("d") and "/dt" in line.split("=")[0]]
    others = [line for line in written if line not in derivatives]
    formulas = [latex.statement(line) for line in [*derivatives, *others]]
    yield from _formulas("", formulas)
    if any(BRACKET in right for _, right in formulas):
        yield "A condition in brackets counts 1 where it holds, else 0."
        yield ""
    starts = [(f"{latex.name(s)}(0)", f"= {latex.expression(kind.initial.get(s, '0'))}")
              for s in kind.system.states]  # fmt: skip
    yield from _formulas("At the start:", starts)
    match kind:
        case NeuronKind():
            yield from _of_neuron(kind)
        case SynapseKind():
            changes = [latex.assignment(line) for line in _lines(kind.on_spike)]
            yield from _formulas("When a spike arrives:", changes)
        case SourceKind() if kind.events:
            form, _, rule = kind.events.partition("(")
            words = f"Spikes come {_EVENTS[form]}:"
            yield from _formulas(words, [(latex.expression(rule.rstrip().removesuffix(")")), "")])
        case PlasticityKind():
            yield from _of_plasticity(kind)


def _of_neuron(kind: NeuronKind) -> Iterator[str]:
    period = f", or after every {_math(kind.interval)} where that is not 0" if kind.interval else ""
    updates = [latex.assignment(line) for line in _lines(kind.update)]
    yield from _formulas(f"After every time step{period}:", updates)
    condition = [latex.statement(line) for line in _lines(kind.threshold)]
    rises = "whenever" if kind.reset else "when it becomes true that"
    yield from _formulas(f"A spike happens {rises}", [(_bare(left), "") for left, _ in condition])
    yield from _formulas("Then:", [latex.assignment(line) for line in _lines(kind.reset)])
    if kind.refractory:
        yield f"After that, {_math(kind.main)} is held for {_math(kind.refractory)}."
        yield ""
    if kind.drive:
        current = format_quantity(kind.drive, "pA")
        yield f"With the default values, a constant current of {current} makes it fire repeatedly."
        yield ""
    if kind.output:
        yield f"Links between rate units carry {_math(kind.output)}."
        yield ""


def _of_plasticity(kind: PlasticityKind) -> Iterator[str]:
    sides = {"pre": "source", "post": "target"}
    for state in kind.system.states:
        yield f"The trace {_math(state)} belongs to the {sides[kind.sides[state]]} neuron."
        yield ""
    for words, text in (
        ("At a spike of the source (at its arrival, where weights change):", kind.on_pre),
        ("After its release:", kind.after),
        ("At a spike of the target:", kind.on_post),
    ):
        yield from _formulas(words, [latex.assignment(line) for line in _lines(text)])
    if kind.release:
        words = "A spike carries this part of the weight:"
        yield from _formulas(words, [(latex.expression(kind.release), "")])


def _bare(left: str) -> str:
    """Return a condition without the brackets that make it a number."""
    return left.removeprefix(BRACKET).removesuffix(r"\right]")


def _formulas(words: str, found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield words and a block of aligned formulas, nothing where there are none."""
    if not found:
        return
    if words:
        yield words
        yield ""
    yield "```math"
    yield r"\begin{aligned}"
    lines = [f"{left} &{right}" if right else left for left, right in found]
    yield " \\\\\n".join(lines)
    yield r"\end{aligned}"
    yield "```"
    yield ""


def _math(word: str) -> str:
    return f"${latex.name(word)}$"


def _lines(text: str) -> list[str]:
    found = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [line for line in found if line]


def _written(kind: Kind) -> list[str]:
    """Return the texts of the declaration as they were written."""
    lines = dedent(kind.equations).strip().splitlines()
    lines += [f"{text.name} = {text.default}" for text in kind.texts if not text.choices]
    for word in ("threshold", "reset", "update", "on_spike", "events", "on_pre", "release", "after",
                 "on_post"):  # fmt: skip
        found = _lines(getattr(kind, word, ""))
        lines += [f"{word}: {'; '.join(found)}"] if found else []
    return lines


# -- tables ---------------------------------------------------------------------------------------


def _parameters(kind: Kind) -> list[str]:
    rows = [
        (_math(p.name), f"`{p.name}`", plain(p.default_text()), _range(p), plain(p.doc))
        for p in kind.parameters
    ]
    return table(("", "name", "default", "possible", ""), rows)


def _range(parameter: Parameter) -> str:
    bounded = parameter.allowed()
    return "any" if bounded.startswith("a number in") else bounded


def _texts(kind: Kind) -> list[str]:
    rows = []
    for text in kind.texts:
        value = f"`{text.default}`"
        words = plain(text.doc)
        rows.append((f"`{text.name}`", value, _unit(text.unit), words))
    return table(("name", "default", "unit", ""), rows)


def _columns(kind: Kind) -> list[str]:
    rows = [(f"`{c.name}`", _unit(c.unit), plain(c.doc)) for c in kind.data]
    return table(("name", "unit", ""), rows)


def _presets(kind: Kind) -> list[str]:
    rows = []
    for title, values in kind.presets.items():
        given = [
            f"{name} = {plain(to_text(value, kind.parameter(name).unit))}"
            for name, value in values.items()
        ]
        rows.append((plain(title), plain(", ".join(given)) or "the defaults"))
    return table(("preset", "values"), rows)


def _variables(kind: Kind) -> list[str]:
    rows = [
        (_math(v.name), f"`{v.name}`", _unit(v.unit), plain(v.doc))
        for v in kind.recordable.values()
    ]
    return table(("", "name", "unit", ""), rows)


def _unit(unit: str) -> str:
    return "" if unit == DIMENSIONLESS else unit


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table; no lines where there are no rows."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return []
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *body]


def plain(text: str) -> str:
    """Return words in which Markdown finds no marks of its own."""
    for sign in ("\\", "*", "_", "|", "<", "`"):
        text = text.replace(sign, f"\\{sign}")
    return text
