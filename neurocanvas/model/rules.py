"""What a circuit allows: one place that mouse, paste, loader and Python face all ask."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from neurocanvas.errors import CircuitError, ConnectionRefused, EquationError
from neurocanvas.model import declarations, equations, forms
from neurocanvas.model.channels import channel_count, channel_variables
from neurocanvas.model.elements import Bench, Link, Node, Probe, Settings
from neurocanvas.model.expressions import names
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.projections import MAX_SYNAPSES, expected_synapses
from neurocanvas.model.signs import dale_violations

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

MAX_SIZE = 1_000_000
MAX_LABEL = 80
MAX_PLACE = 1e6
"""How far from the origin of the canvas a node may lie, in scene pixels."""
MAX_SEED = 2**63 - 1
MAX_PROBES = 1000
DEFAULT_SYNAPSE = "ampa"


class Checked(dict[str, Any]):
    """Values that were read against their declaration: made here alone, and never changed.

    Attributes:
        kind: Which declares them; None where they are none.
    """

    __slots__ = ("kind",)
    kind: Kind | None


def why_not(circuit: Circuit, pre: str, post: str, kind: str) -> str | None:
    """Say why two nodes may not be connected by a link of this kind.

    Returns:
        None if they may, else a sentence for the person who tries.
    """
    source, target = circuit.node(pre), circuit.node(post)
    from_kind, to_kind = circuit.kind_of(source), circuit.kind_of(target)
    link_kind = circuit.kinds.get(kind)
    if not isinstance(link_kind, SynapseKind):
        return f"{link_kind.title} is no synapse; choose one in the palette"
    if not isinstance(to_kind, NeuronKind):
        if isinstance(to_kind, SourceKind):
            return f"{target.label} is a source and takes no input"
        return f"{target.label} is of the unknown kind {target.kind!r} and can't be connected"
    if not isinstance(from_kind, (NeuronKind, SourceKind)):
        return f"{source.label} is of the unknown kind {source.kind!r} and can't be connected"
    reason = _why_not_carried(source, from_kind, link_kind)
    reason = reason or _why_not_given(target, to_kind, link_kind)
    return f"{reason}{_instead(circuit, from_kind, to_kind)}" if reason else None


_GIVES = {
    "spikes": "spikes",
    "current": "a current",
    "rate": "a rate",
    "v": "its membrane potential",
    "command": "a command potential",
}
_CARRIES = _GIVES | {"v": "a membrane potential"}


def _instead(circuit: Circuit, from_kind: NeuronKind | SourceKind, to_kind: NeuronKind) -> str:
    """Return the end of a refusal: what would connect the two, if anything does."""
    fits = (kind for kind in circuit.kinds if _fits(kind, from_kind.emits, to_kind.accepts))
    found = next((kind for kind in fits if kind.gives != "modulation"), None)
    return f"; {found.title} connects the two" if found is not None else ""


def _fits(kind: Kind, emits: frozenset[str], accepts: str | None) -> TypeGuard[SynapseKind]:
    """Whether a kind takes what a source gives and gives what a target accepts (None: any)."""
    if not isinstance(kind, SynapseKind) or kind.placeholder or kind.carries not in emits:
        return False
    return accepts is None or kind.gives in (accepts, "modulation")


def _why_not_carried(
    source: Node, from_kind: NeuronKind | SourceKind, link: SynapseKind
) -> str | None:
    emits = from_kind.emits
    if link.placeholder or link.carries in emits:
        return None
    if emits == {"current"} and link.carries == "spikes":
        return f"{source.label} gives a current, not spikes"
    if link.carries == "current" and "spikes" in emits:
        return f"{source.label} gives spikes, but {link.title} carries a current"
    given = " and ".join(_GIVES[word] for word in _GIVES if word in emits) or "nothing"
    return f"{link.title} carries {_CARRIES[link.carries]}, but {source.label} gives {given}"


def _why_not_given(target: Node, to_kind: NeuronKind, link: SynapseKind) -> str | None:
    if link.placeholder or to_kind.placeholder or link.gives in (to_kind.accepts, "modulation"):
        return None
    if to_kind.accepts == "rate":
        return f"{target.label} takes rates, but {link.title} gives a current"
    return f"{target.label} takes a current, but {link.title} gives a rate"


def why_not_rule(circuit: Circuit, link: Link) -> str | None:
    """Say why the connection rule of a link does not fit its two nodes, or None."""
    source, target = circuit.node(link.pre), circuit.node(link.post)
    if link.rule.name == "one_to_one" and source.size != target.size:
        return (
            f"one to one needs equal sizes, but {source.label} has {source.size} "
            f"and {target.label} has {target.size}"
        )
    synapses = expected_synapses(link.rule, source.size, target.size)
    if synapses > MAX_SYNAPSES:
        return (
            f"{source.label} -> {target.label} would have {synapses:.3g} synapses; "
            f"up to {MAX_SYNAPSES:,} are possible, choose another connection rule"
        )
    return None


def check_link(circuit: Circuit, link: Link) -> Checked:
    """Refuse a link that may not be.

    Returns:
        Its parameters as numbers.

    Raises:
        ConnectionRefused: With the reason.
        CircuitError: An expression or plasticity that it can't have.
        QuantityError: A parameter out of range.
    """
    reason = why_not(circuit, link.pre, link.post, link.kind) or why_not_rule(circuit, link)
    if reason:
        raise ConnectionRefused(reason)
    kind = circuit.kinds.get(link.kind)
    if kind.texts or link.texts:
        check_texts(circuit, link)
    if link.features:
        check_features(circuit, link)
    if is_checked(link.parameters, kind):
        return link.parameters
    return checked_values(kind, link.parameters, circuit.label_of(link))


def check_node(circuit: Circuit, node: Node) -> Checked:
    """Refuse a node with an impossible kind, size, label, place, parameter, expression or list.

    Returns:
        Its parameters as numbers.

    Raises:
        CircuitError: With the reason.
        QuantityError: A parameter out of range.
    """
    kind = circuit.kinds.get(node.kind)
    if isinstance(kind, SynapseKind):
        raise CircuitError(f"{kind.title} is a synapse; connect two neurons with it")
    if isinstance(kind, PlasticityKind):
        raise CircuitError(f"{kind.title} is a property of synapses; give it to one")
    if not 1 <= node.size <= MAX_SIZE:
        raise CircuitError(f"{node.label}: size {node.size} is not possible; 1 to {MAX_SIZE} is")
    check_name("the label", node.label)
    check_name("the id", node.id)
    check_place(node.label, node.x, node.y)
    if kind.texts or node.texts:
        check_texts(circuit, node)
    if node.data:
        check_data(circuit, node)
    if node.integrator:
        check_integrator(circuit, node)
    return checked_values(kind, node.parameters, node.label)


def check_integrator(circuit: Circuit, node: Node) -> None:
    """Refuse an integrator that the equations of a node do not allow.

    Raises:
        CircuitError: Naming those that they do.
    """
    kind = circuit.kind_of(node)
    if not node.integrator or kind.placeholder:
        return
    reason = forms.why_not_method(kind.with_texts(node.texts), node.integrator)
    if reason:
        raise CircuitError(f"{node.label}: integrator: {reason}")


def check_name(word: str, name: str) -> None:
    """Refuse a label or an id that can't be read.

    Raises:
        CircuitError: It is empty, blank, too long or has control characters.
    """
    if not name.strip() or len(name) > MAX_LABEL or not name.isprintable():
        shown = repr(name) if len(name) <= MAX_LABEL else f"{name[:MAX_LABEL]!r}..."
        raise CircuitError(f"{word} {shown} is not possible; 1 to {MAX_LABEL} characters are")


def check_place(label: str, x: float, y: float) -> None:
    """Refuse a place that is not on the canvas.

    Raises:
        CircuitError: A coordinate that is no number or too large.
    """
    if not (abs(x) <= MAX_PLACE and abs(y) <= MAX_PLACE):
        raise CircuitError(
            f"{label}: the place ({x:g}, {y:g}) is not possible; "
            f"-{MAX_PLACE:.0f} to {MAX_PLACE:.0f} is"
        )


def check_settings(settings: Settings) -> None:
    """Refuse settings that no simulation could have.

    Raises:
        CircuitError: With the value and what would be right.
    """
    if not 1e-4 <= settings.dt <= 10:
        raise CircuitError(f"dt = {settings.dt:g} ms is not possible; 0.0001 to 10 ms is")
    if not 0 <= settings.seed <= MAX_SEED:
        raise CircuitError(f"seed = {settings.seed} is not possible; 0 to {MAX_SEED} is")
    if not 0 <= settings.speed < math.inf:
        raise CircuitError(f"speed = {settings.speed:g} ms is not possible; 0 ms or more is")
    if not 0 < settings.duration < math.inf:
        raise CircuitError(f"duration = {settings.duration:g} ms is not possible; above 0 ms is")


def check_bench(circuit: Circuit, bench: Bench) -> None:
    """Refuse probes on what is not there.

    Raises:
        CircuitError: Naming the probe and what would be right.
    """
    if len(bench.probes) > MAX_PROBES:
        raise CircuitError(
            f"{len(bench.probes)} probes are too many; up to {MAX_PROBES} are possible"
        )
    instruments = [instrument.id for instrument in bench.instruments]
    if len(set(instruments)) < len(instruments):
        raise CircuitError("two instruments have the same id; each needs its own")
    numbers = Counter(probe.number for probe in bench.probes)
    for probe in bench.probes:
        if probe.number < 1 or numbers[probe.number] > 1:
            raise CircuitError(f"probe {probe.number}: each needs a number of its own, from 1")
        _check_probe(circuit, probe)


def _check_probe(circuit: Circuit, probe: Probe) -> None:
    if probe.node not in circuit:
        raise CircuitError(f"probe {probe.number}: there is no node {probe.node!r}")
    reason = why_not_recorded(circuit, circuit.element(probe.node), probe.variable, probe.index)
    if reason:
        raise CircuitError(f"probe {probe.number}: {reason}")


def why_not_recorded(
    circuit: Circuit, element: Node | Link, variable: str, index: int
) -> str | None:
    """Say why a variable of an element can't be recorded, or None if it can."""
    label, count = circuit.label_of(element), channel_count(circuit, element)
    if not 0 <= index < count:
        word = "neurons" if isinstance(element, Node) else "synapses"
        return f"{label} has {word} 0 to {count - 1}, no {index}"
    known = channel_variables(circuit, element)
    if variable in known or circuit.kind_of(element).placeholder:
        return None
    words = ", ".join(known) or "nothing to record"
    return f"{label} has no variable {variable!r}; it has {words}"


def check_texts(circuit: Circuit, element: Node | Link) -> None:
    """Refuse expressions that the kind does not have or that can't be read.

    Raises:
        CircuitError: An expression the kind does not have, none of its choices, or expressions that
            need each other.
        EquationError: With line and column in the expression.
    """
    kind = circuit.kind_of(element)
    if kind.placeholder or not (kind.texts or element.texts):
        return
    known = {text.name: text for text in kind.texts}
    label = circuit.label_of(element)
    for name in element.texts:
        if name not in known:
            words = ", ".join(known) or "none"
            raise CircuitError(f"{label} has no expression {name!r}; it has {words}")
    _check_choices(circuit, element, kind)
    for name, text in element.texts.items():
        if not known[name].choices:
            _check_expression(kind, text, f"{label}: {name}")
    try:
        kind.with_texts(element.texts).check()
    except EquationError as error:  # its place is in the text of the kind as a whole
        raise CircuitError(f"{label}: {error.reason}") from None


def _check_expression(kind: Kind, text: str, what: str) -> None:
    """Refuse what is no single expression of names that the kind knows."""
    expr = equations.parse_part(text, what)
    unknown = sorted(names(expr) - kind.all_names)
    if unknown:
        column = text.find(unknown[0]) + 1
        reason = f"{unknown[0]!r} is neither a variable, a parameter nor an input"
        raise EquationError(reason, 1, column, what)


def _check_choices(circuit: Circuit, element: Node | Link, kind: Kind) -> None:
    """A modulator may name any parameter of its target, beside the words of its declaration."""
    allowed: set[str] = set()
    if isinstance(element, Link):
        allowed = set(circuit.kind_of(circuit.node(element.post)).defaults())
    for text in kind.texts:
        chosen = element.texts.get(text.name, text.default)
        if text.choices and chosen not in {*text.choices, *allowed}:
            known = ", ".join([*text.choices, *sorted(allowed)])
            label = circuit.label_of(element)
            raise CircuitError(f"{label}: {text.name} = {chosen!r} is not possible; {known} are")


def check_data(circuit: Circuit, node: Node) -> None:
    """Refuse lists of numbers that do not fit the kind or each other.

    Raises:
        CircuitError: With the reason.
    """
    kind = circuit.kind_of(node)
    if kind.placeholder or not node.data:
        return
    known = {column.name: column.default for column in kind.data}
    for name, values in node.data.items():
        if name not in known:
            words = ", ".join(known) or "none"
            raise CircuitError(f"{node.label} has no list {name!r}; it has {words}")
        bad = next((v for v in values if not math.isfinite(v)), None)
        if bad is not None:
            raise CircuitError(f"{node.label}: {name} holds {bad}, which is no number")
    lengths = {name: len(node.data.get(name, default)) for name, default in known.items()}
    if len(set(lengths.values())) > 1:
        words = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise CircuitError(f"{node.label}: the lists must be equally long, but there are {words}")


def check_features(circuit: Circuit, link: Link) -> dict[str, dict[str, float]]:
    """Refuse plasticity that a link can't carry.

    Returns:
        Its parameters as numbers, by name of the plasticity.

    Raises:
        CircuitError: With the reason.
        QuantityError: A parameter out of range.
    """
    if not link.features:
        return link.features if is_checked(link.features, None) else no_values()
    kind = circuit.kind_of(link)
    label = circuit.label_of(link)
    checked = {}
    for name, values in link.features.items():
        if name not in circuit.kinds:
            known = ", ".join(k.name for k in circuit.kinds if isinstance(k, PlasticityKind))
            raise CircuitError(f"{label}: no plasticity is named {name!r}; known are {known}")
        feature = circuit.kinds.get(name)
        if not isinstance(feature, PlasticityKind):
            raise CircuitError(f"{label}: {feature.title} is no plasticity")
        spikes = isinstance(kind, SynapseKind) and kind.carries == "spikes"
        counted = isinstance(kind, SynapseKind) and kind.counts
        if not spikes or (counted and feature.changes_weights):
            raise CircuitError(f"{label}: {kind.title} has no weight that {feature.title} changes")
        owner = f"{label}: {name}"
        checked[name] = {
            key: _parameter(feature, key, owner).parse(value, owner)
            for key, value in values.items()
        }
    return checked


def check_own_kind(circuit: Circuit, name: str, kind: Kind | None) -> None:
    """Refuse a kind of the circuit's own that is broken, or that its elements do not fit.

    Raises:
        EquationError: Its text, with line and column.
        CircuitError: Its name is taken, or something uses it.
        QuantityError: A value of an element that would be out of range.
    """
    elements: list[Node | Link] = [*circuit.nodes(), *circuit.links()]
    used = [e for e in elements if e.kind == name]
    if kind is None:
        if used:
            raise CircuitError(
                f"{name} is in use by {circuit.label_of(used[0])}; remove that first"
            )
        return
    if name in circuit.kinds and name not in circuit.own_kinds:
        raise CircuitError(f"the name {name!r} is that of a kind of the library; choose another")
    if kind.name != name:
        raise CircuitError(f"the kind is called {kind.name!r}, not {name!r}")
    declarations.check(kind)
    for element in used:
        checked_values(kind, element.parameters, circuit.label_of(element))


def check_uses(circuit: Circuit, name: str) -> None:
    """Refuse a kind that its elements, their links or their probes do not fit.

    Raises:
        CircuitError: With the reason.
        QuantityError: A value of an element that would be out of range.
    """
    used = {node.id for node in circuit.nodes() if node.kind == name}
    for node_id in used:
        check_node(circuit, circuit.node(node_id))
    for link in circuit.links():
        if link.kind == name or {link.pre, link.post} & used:
            check_link(circuit, link)
    if used:
        check_bench(circuit, circuit.bench)


def checked_values(kind: Kind, values: Mapping[str, object], owner: str) -> Checked:
    """Read parameter values against a kind's declaration.

    Raises:
        CircuitError: A parameter the kind does not have.
        QuantityError: A value that is not possible.
    """
    if is_checked(values, kind):
        return values
    found = Checked(
        (name, _parameter(kind, name, owner).parse_value(value, owner))
        for name, value in values.items()
    )
    found.kind = kind
    return found


def is_checked(values: Mapping[str, object], kind: Kind | None) -> TypeGuard[Checked]:
    """Whether values were read against this very declaration, so that nothing is to be read."""
    return isinstance(values, Checked) and values.kind is kind


def no_values() -> Checked:
    """Return that nothing is set."""
    found = Checked()
    found.kind = None
    return found


def _parameter(kind: Kind, name: str, owner: str) -> Parameter:
    try:
        return kind.parameter(name)
    except CircuitError as error:
        raise CircuitError(f"{owner}: {error}") from None


def default_link_kind(
    circuit: Circuit, pre: str, chosen: str = DEFAULT_SYNAPSE, post: str | None = None
) -> str:
    """Return the synapse kind for a link: the chosen one if it fits, else the first that does.

    Args:
        circuit: The circuit.
        pre: Id of the source.
        chosen: Name of the kind that was asked for.
        post: Id of the target, if it is known already.
    """
    source = circuit.kind_of(pre)
    emits = source.emits if isinstance(source, (NeuronKind, SourceKind)) else frozenset()
    target = circuit.kind_of(post) if post is not None else None
    accepts = target.accepts if isinstance(target, NeuronKind) else None
    wanted = (
        [circuit.kinds.get(chosen), *circuit.kinds] if chosen in circuit.kinds else [*circuit.kinds]
    )
    return next((kind.name for kind in wanted if _fits(kind, emits, accepts)), chosen)


def dale_warnings(circuit: Circuit) -> list[str]:
    """Return a sentence for each neuron that both excites and inhibits, if the circuit asks so."""
    return list(dale_violations(circuit).values()) if circuit.settings.dale else []
