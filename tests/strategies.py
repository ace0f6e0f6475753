"""Hypothesis strategies: expressions, quantities, edits, whole circuits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from neurocanvas import library
from neurocanvas.model import edits
from neurocanvas.model.channels import channel_count, channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Bench, Instrument, Link, Node, Notes, Probe, Settings
from neurocanvas.model.expressions import FUNCTIONS, Call, Expr, Name, Num, Op
from neurocanvas.model.forms import METHODS
from neurocanvas.model.kinds import Kind, Parameter
from neurocanvas.model.projections import RULES, Rule
from neurocanvas.model.quantity import DIMENSIONLESS

UNITS = ("ms", "mV", "pA", "nS", "pF", "Hz", "mM", "nS/mV", DIMENSIONLESS)
finite = st.floats(allow_nan=False, allow_infinity=False)
NAMES = ("v", "w", "tau", "E_L")

# -- expressions ---------------------------------------------------------------------------------

numbers = st.builds(Num, st.one_of(st.integers(-50, 50).map(float), st.floats(-1e3, 1e3)))
leaves = st.one_of(numbers, st.sampled_from(NAMES).map(Name))


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    joined = st.builds(Op, st.sampled_from(("+", "-", "*", "/", "<", ">=", "==")), inner, inner)
    powers = st.builds(Op, st.just("**"), inner, st.integers(-3, 4).map(float).map(Num))
    calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.tuples(*[inner] * FUNCTIONS[name]).map(lambda args: Call(name, args))
    )
    return st.one_of(joined, powers, calls)


expressions = st.recursive(leaves, _grown, max_leaves=12)
"""Any expression that could have been read from text."""


def _linear(name: str) -> st.SearchStrategy[Expr]:
    """Expressions that are linear in ``name``, built so on purpose."""
    others = st.recursive(
        st.one_of(numbers, st.sampled_from([n for n in NAMES if n != name]).map(Name)),
        lambda inner: st.builds(Op, st.sampled_from("+-*"), inner, inner),
        max_leaves=4,
    )

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(Op, st.sampled_from("+-"), inner, inner),
            st.builds(lambda a, b: Op("*", a, b), others, inner),
            st.builds(lambda a, b: Op("*", a, b), inner, others),
            st.builds(lambda a, b: Op("/", a, b), inner, others),
        )

    return st.recursive(st.one_of(st.just(Name(name)), others), grow, max_leaves=10)


linear_in_v = _linear("v")

# -- circuits ------------------------------------------------------------------------------------

labels = st.text(
    st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20
)  # printable, no spaces: those are tested on their own
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), finite, st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
_some_extras = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=8).map(lambda key: f"x-{key}"),
    json_values,
    min_size=1,
    max_size=2,
)
extras = st.one_of(*[st.just({})] * 4, _some_extras)
places = st.tuples(*[st.integers(-20_000, 20_000).map(lambda tenth: tenth / 10)] * 2)


def values(parameter: Parameter) -> st.SearchStrategy[float]:
    """Values that a parameter takes."""
    low = None if parameter.minimum == -math.inf else parameter.minimum
    high = None if parameter.maximum == math.inf else parameter.maximum
    return st.floats(low, high, allow_nan=False, allow_infinity=False, exclude_min=parameter.strict)


def distributions(parameter: Parameter) -> st.SearchStrategy[Distribution]:
    """Distributions whose mean a parameter takes."""
    low = max(parameter.minimum, -1e6) + (1e-3 if parameter.strict else 0.0)
    numbers = st.floats(low, min(parameter.maximum, 1e6))
    positive = st.floats(max(low, 1e-3), max(min(parameter.maximum, 1e6), 1e-3))
    spread = st.floats(0, 1e6)
    return st.one_of(
        st.builds(Distribution, st.just("normal"), numbers, spread),
        st.builds(Distribution, st.just("lognormal"), positive, spread),
        st.tuples(numbers, numbers).map(lambda pair: Distribution("uniform", *sorted(pair))),
    )


def settable(parameter: Parameter) -> st.SearchStrategy[Value]:
    """Whatever a parameter may be set to: mostly numbers."""
    return st.one_of(values(parameter), values(parameter), distributions(parameter))


def parameters(kind: Kind) -> st.SearchStrategy[dict[str, Value]]:
    """Some of a kind's parameters with possible values."""
    return st.fixed_dictionaries({}, optional={p.name: settable(p) for p in kind.parameters})


SOME_TEXTS = (
    "3",
    " 2*t + 1",
    "-1e-3",
    "where(t > 50, exp(-t/20), 0)",
    "max(t, 4)**2",
    "no such",
    "",
)
"""Expressions of time; the last two are refused."""


def texts(kind: Kind) -> st.SearchStrategy[dict[str, str]]:
    """Some of a kind's expressions and choices, sometimes with one that it refuses."""
    parameters = ("tau", "V_th", "g_L")
    chosen = {
        t.name: st.sampled_from(
            (*t.choices, *parameters) if t.choices else (*SOME_TEXTS, t.default)
        )
        for t in kind.texts
    }
    return st.fixed_dictionaries({}, optional=chosen)


def data(kind: Kind) -> st.SearchStrategy[dict[str, tuple[float, ...]]]:
    """Lists of numbers for all of a kind's columns, or none, mostly of one length."""

    def of(length: int) -> st.SearchStrategy[dict[str, tuple[float, ...]]]:
        column = st.lists(finite, min_size=length, max_size=length).map(tuple)
        return st.fixed_dictionaries({}, optional={c.name: column for c in kind.data})

    return st.sampled_from([0, 1, 3, 6, 8]).flatmap(of) if kind.data else st.just({})


def features() -> st.SearchStrategy[dict[str, dict[str, float]]]:
    """Plasticity with some of its parameters: mostly none."""

    def of(kind: Kind) -> st.SearchStrategy[dict[str, float]]:
        return st.fixed_dictionaries({}, optional={p.name: values(p) for p in kind.parameters})

    some = st.fixed_dictionaries({}, optional={kind.name: of(kind) for kind in PLASTICITY_KINDS})
    return st.one_of(st.just({}), some)


def _rules() -> st.SearchStrategy[Rule]:
    def of(name: str) -> st.SearchStrategy[Rule]:
        rule = RULES[name]
        chosen = {
            p.name: st.integers(0, 1 if p.name in rule.switches else 50).map(float)
            if p.name in (*rule.whole, *rule.switches)
            else values(p)
            for p in rule.parameters
        }
        inner = st.fixed_dictionaries({}, optional=chosen)
        return st.builds(Rule, st.just(name), inner, st.booleans(), extras)

    return st.sampled_from(sorted(RULES)).flatmap(of)


settings = st.builds(
    Settings,
    dt=st.floats(1e-4, 10),
    seed=st.integers(0, 2**63 - 1),
    speed=st.floats(0, 1e6),
    duration=st.floats(0, 1e9, exclude_min=True),
    dale=st.booleans(),
    extras=extras,
)
notes = st.builds(Notes, st.text(max_size=20), st.text(max_size=60), extras)
instruments = st.lists(
    st.builds(Instrument, labels, labels, st.dictionaries(labels, json_values, max_size=2), extras),
    max_size=3,
    unique_by=lambda instrument: instrument.id,
).map(tuple)

KINDS = library.registry()
NODE_KINDS = [k for k in KINDS if k.family in ("neuron", "source")]
LINK_KINDS = [k for k in KINDS if k.family == "synapse"]
PLASTICITY_KINDS = [k for k in KINDS if k.family == "plasticity"]

Draw = Callable[[st.SearchStrategy[Any]], Any]


def _add_node(circuit: Circuit, draw: Draw) -> edits.Edit:
    kind = draw(st.sampled_from(NODE_KINDS))
    label = circuit.free_label(draw(labels))
    x, y = draw(places)
    size = draw(st.sampled_from([1, 1, 1, 2, 10]))
    node_id = circuit.new_id("n")
    given = draw(parameters(kind)), x, y, draw(extras), draw(texts(kind)), draw(data(kind))
    return edits.AddNode(Node(node_id, kind.name, label, size, *given))


def _node(circuit: Circuit, draw: Draw) -> Node:
    return draw(st.sampled_from(list(circuit.nodes())))


def _add_link(circuit: Circuit, draw: Draw) -> edits.Edit:
    kind = draw(st.sampled_from(LINK_KINDS))
    pre, post = _node(circuit, draw), _node(circuit, draw)
    link_id, rule = circuit.new_id("l"), draw(_rules())
    given = draw(parameters(kind)), rule, draw(extras), draw(texts(kind)), draw(features())
    return edits.AddLink(Link(link_id, pre.id, post.id, kind.name, *given))


def _set_link(circuit: Circuit, draw: Draw) -> edits.Edit:
    link = draw(st.sampled_from(list(circuit.links())))
    kind = draw(st.sampled_from(LINK_KINDS))
    return edits.SetLink(link.id, kind.name, draw(_rules()), draw(parameters(kind)))


def _set_parameter(circuit: Circuit, draw: Draw) -> edits.Edit:
    element = draw(st.sampled_from([*circuit.nodes(), *circuit.links()]))
    known = circuit.kind_of(element).parameters or KINDS.get("lif").parameters
    parameter = draw(st.sampled_from(known))
    return edits.SetParameter(
        element.id, parameter.name, draw(st.one_of(st.none(), settable(parameter), finite))
    )


def _set_text(circuit: Circuit, draw: Draw) -> edits.Edit:
    element = draw(st.sampled_from([*circuit.nodes(), *circuit.links()]))
    known = [text.name for text in circuit.kind_of(element).texts]
    name = draw(st.sampled_from([*known, "parameter"]))
    return edits.SetText(element.id, name, draw(st.sampled_from([None, "V_th", *SOME_TEXTS])))


def _set_integrator(circuit: Circuit, draw: Draw) -> edits.Edit:
    return edits.SetIntegrator(_node(circuit, draw).id, draw(st.sampled_from(["", *METHODS])))


def _set_data(circuit: Circuit, draw: Draw) -> edits.Edit:
    node = _node(circuit, draw)
    return edits.SetData(node.id, draw(data(circuit.kind_of(node))))


def _set_kind(circuit: Circuit, draw: Draw) -> edits.Edit:
    node = _node(circuit, draw)
    group = circuit.kind_of(node).group
    kind = draw(st.sampled_from([k for k in NODE_KINDS if not group or k.group == group]))
    return edits.SetKind(node.id, kind.name, draw(parameters(kind)))


def _set_feature(circuit: Circuit, draw: Draw) -> edits.Edit:
    link = draw(st.sampled_from(list(circuit.links())))
    kind = draw(st.sampled_from(PLASTICITY_KINDS))
    chosen = {p.name: values(p) for p in kind.parameters}
    given = draw(st.one_of(st.none(), st.fixed_dictionaries({}, optional=chosen)))
    return edits.SetFeature(link.id, kind.name, given)


def _move(circuit: Circuit, draw: Draw) -> edits.Edit:
    chosen = draw(st.lists(st.sampled_from(list(circuit.nodes())), max_size=3))
    return edits.MoveNodes({node.id: draw(places) for node in chosen})


def _rename(circuit: Circuit, draw: Draw) -> edits.Edit:
    return edits.Rename(_node(circuit, draw).id, draw(labels))


def _set_size(circuit: Circuit, draw: Draw) -> edits.Edit:
    return edits.SetSize(_node(circuit, draw).id, draw(st.sampled_from([0, 1, 2, 5, 10, 10**9])))


def _set_bench(circuit: Circuit, draw: Draw) -> edits.Edit:
    probes = []
    elements = [*circuit.nodes(), *circuit.links()]
    for number in range(draw(st.integers(0, 4)) if elements else 0):
        element = draw(st.sampled_from(elements))
        variables = [*channel_variables(circuit, element), "nothing"]
        index = draw(st.integers(0, channel_count(circuit, element) - 1))
        probes.append(Probe(number + 1, element.id, draw(st.sampled_from(variables)), index))
    return edits.SetBench(Bench(draw(instruments), tuple(probes), draw(extras)))


def _removal(circuit: Circuit, draw: Draw) -> edits.Edit:
    elements = [e.id for e in (*circuit.nodes(), *circuit.links())]
    return edits.removal(circuit, draw(st.lists(st.sampled_from(elements), max_size=3)))


def _remove_node(circuit: Circuit, draw: Draw) -> edits.Edit:
    return edits.RemoveNode(_node(circuit, draw).id)


def _compound(circuit: Circuit, draw: Draw) -> edits.Edit:
    """Edits that are each possible alone; together, a later one may be refused."""
    return edits.Compound(tuple(draw_part(circuit, draw) for _ in range(draw(st.integers(0, 3)))))


def draw_edit(circuit: Circuit, draw: Draw) -> edits.Edit:
    """Draw any edit for a circuit as it is; it may be one that the circuit refuses."""
    return _compound(circuit, draw) if draw(st.integers(0, 9)) == 9 else draw_part(circuit, draw)


def draw_part(circuit: Circuit, draw: Draw) -> edits.Edit:
    """Draw any edit that is no compound."""
    makers: list[Callable[[Circuit, Draw], edits.Edit]] = [_add_node, _set_bench]
    makers += [
        lambda _, d: edits.SetSettings(d(settings)),
        lambda _, d: edits.SetNotes(d(notes)),
    ]
    if len(circuit):
        makers += [_add_node, _add_link, _add_link, _set_parameter, _move, _rename, _set_size]
        makers += [_removal, _remove_node, _set_text, _set_data, _set_kind]
        makers += [_set_integrator]
    if circuit.link_count():
        makers += [_set_link, _set_feature]
    return draw(st.sampled_from(makers))(circuit, draw)


@st.composite
def circuits(draw: Draw, steps: int = 12) -> Circuit:
    """Any circuit: what a row of random edits makes of an empty one."""
    circuit = Circuit(KINDS)
    for _ in range(draw(st.integers(0, steps))):
        apply_if_possible(circuit, draw_edit(circuit, draw))
    return circuit


def apply_if_possible(circuit: Circuit, edit: edits.Edit) -> edits.Edit | None:
    """Apply an edit and return its inverse, or None if the circuit refuses it."""
    from neurocanvas.errors import NeuroCanvasError

    try:
        return circuit.apply(edit)
    except NeuroCanvasError:
        return None


def document(circuit: Circuit) -> tuple[Any, ...]:
    """All that a circuit holds, in its order, to compare two of them."""
    return (circuit.snapshot(), circuit.notes, circuit.extras)
