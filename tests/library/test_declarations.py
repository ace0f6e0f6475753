"""Every kind of the library: documented, sourced, in known units, and sound in its declarations."""

import importlib
import math
import pkgutil
import re

import numpy as np
import pytest

from neurocanvas import library
from neurocanvas.model.expressions import FUNCTIONS, Num, names, walk
from neurocanvas.model.kinds import NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.quantity import DIMENSIONLESS, to_text, unit_of
from neurocanvas.sim import integrators
from neurocanvas.sim.reference.lambdify import lambdify

KINDS = list(library.registry())
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)

# Exponents of time, voltage and current: one coherent set, so equations need no conversion.
DIMENSIONS = {
    "ms": (1, 0, 0),
    "mV": (0, 1, 0),
    "pA": (0, 0, 1),
    "nS": (0, -1, 1),
    "pF": (1, -1, 1),
    "Hz": (-1, 0, 0),
    "1/ms": (-1, 0, 0),
    "nS/mV": (0, -2, 1),
    "nS/mV2": (0, -3, 1),
    "nS/ms": (-1, -1, 1),
    "pA/ms": (-1, 0, 1),
    "nS ms": (1, -1, 1),
    "fC": (1, 0, 1),
    "1/pA": (0, 0, -1),
    "1/(ms mM)": (-1, 0, 0),
    "deg": (0, 0, 0),
    "mM": (0, 0, 0),
    DIMENSIONLESS: (0, 0, 0),
}
PLAIN_UNITS = (
    DIMENSIONLESS, "1/ms", "nS/mV", "nS/mV2", "nS ms", "1/pA", "1/(ms mM)", "deg",
)  # fmt: skip
"""Units that take no prefixes."""

GIVERS = {
    "spikes": "lif", "current": "step_current", "rate": "rate", "v": "lif",
    "command": "voltage_clamp",
}  # fmt: skip
"""What a link may carry -> a kind that gives it."""
OUT_UNITS = {"current": "pA", "rate": DIMENSIONLESS, "v": "mV", "command": "mV"}
"""What a link may carry -> the unit of its ``out``."""

FEEDBACK = {("adex", "a"), ("izhikevich_2007", "b")}
"""Not conductances, but how a current follows the potential: negative in some published sets."""


def spike_statements(kind):
    if isinstance(kind, NeuronKind):
        return [*kind.reset_statements, *kind.update_statements]
    if isinstance(kind, PlasticityKind):
        return [*kind.pre_statements, *kind.post_statements, *kind.after_statements]
    return kind.spike_statements if isinstance(kind, SynapseKind) else []


def all_expressions(kind):
    """Everything a kind computes."""
    yield from kind.system.derivatives.values()
    yield from kind.system.definitions.values()
    yield from kind.initial_values.values()
    yield from (statement.expr for statement in spike_statements(kind))
    if isinstance(kind, NeuronKind) and kind.spike_condition is not None:
        yield kind.spike_condition.level
    if isinstance(kind, PlasticityKind) and kind.release_expr is not None:
        yield kind.release_expr
    if isinstance(kind, SourceKind) and kind.event_rule and kind.event_rule[0] != "listed":
        yield kind.event_rule[1]


# -- words ----------------------------------------------------------------------------------------


@every_kind
def test_words_for_people(kind):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name)
    assert kind.title
    assert 1 <= len(kind.symbol) <= 4
    assert kind.doc[0].isupper()
    assert kind.doc.endswith(".")
    assert kind.source.endswith(".")


@every_kind
def test_the_source_names_a_paper_with_its_year_a_simulator_or_a_definition(kind):
    paper = re.search(r"\b1[89]\d\d\b|\b20\d\d\b", kind.source)
    assert paper or kind.source.startswith(("Definition", "NEST")), kind.source


@every_kind
def test_parameters_are_documented_and_their_names_unique(kind):
    found = [p.name for p in kind.parameters]
    assert len(set(found)) == len(found)
    for parameter in kind.parameters:
        assert re.fullmatch(r"[A-Za-z]\w*", parameter.name)
        assert parameter.name not in FUNCTIONS
        assert not parameter.doc[0].islower(), parameter.name
        assert parameter.doc.endswith("."), parameter.name


@every_kind
def test_all_that_can_be_recorded_has_a_unit_and_words_and_nothing_else_is_declared(kind):
    assert {v.name for v in kind.variables} == kind.recordable.keys()
    for variable in kind.recordable.values():
        assert variable.unit in DIMENSIONS, variable.name
        assert variable.doc.endswith("."), variable.name


def test_names_and_titles_are_unique_in_the_palette():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len({kind.title for kind in KINDS}) == len(KINDS)


def test_every_module_of_the_library_says_where_it_stands_in_the_palette():
    for package in (library.neurons, library.synapses, library.sources):
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            assert module.__doc__
            assert isinstance(module.ORDER, int)
            assert len(module.KINDS) >= 1


# -- values ---------------------------------------------------------------------------------------


@every_kind
def test_units_are_known(kind):
    for parameter in kind.parameters:
        assert parameter.unit in DIMENSIONS, parameter.name
        assert unit_of(parameter.unit).base or parameter.unit in PLAIN_UNITS


@every_kind
def test_defaults_are_possible_and_survive_being_written_and_read(kind):
    for parameter in kind.parameters:
        assert parameter.parse(parameter.default) == parameter.default
        assert parameter.parse(to_text(parameter.default, parameter.unit)) == parameter.default


@every_kind
def test_sliders_span_possible_values_only(kind):
    for parameter in kind.parameters:
        low, high = parameter.slider_range()
        assert -math.inf < low < high < math.inf, parameter.name
        assert parameter.parse(low) == low
        assert parameter.parse(high) == high


@every_kind
def test_physical_quantities_can_not_be_negative(kind):
    for parameter in kind.parameters:
        if (kind.name, parameter.name) in FEEDBACK:
            continue
        if parameter.unit in ("pF", "nS", "Hz", "mM") or parameter.name.startswith("tau"):
            assert parameter.minimum >= 0, parameter.name
        if parameter.unit == "pF" or parameter.name.startswith("tau"):
            assert parameter.strict, f"{parameter.name} divides"


# -- equations ------------------------------------------------------------------------------------


@every_kind
def test_every_name_is_known_and_every_parameter_is_used(kind):
    used = set().union(*(names(expr) for expr in all_expressions(kind)), set())
    assert used <= kind.all_names
    engine = {"delay"}
    if isinstance(kind, NeuronKind):
        engine |= {kind.refractory, kind.interval}
    if isinstance(kind, SourceKind):
        engine |= set(kind.breakpoints)
    if isinstance(kind, SynapseKind) and "arrived" in used:
        engine.add("weight")
    assert {p.name for p in kind.parameters} <= used | engine


@every_kind
def test_initial_values_are_finite(kind):
    from neurocanvas.model.circuit import Circuit
    from neurocanvas.sim.compiling.compiler import compile_circuit

    circuit = Circuit(library.registry())
    if isinstance(kind, SynapseKind):
        pre = circuit.add(GIVERS[kind.carries])
        circuit.connect(pre, circuit.add("rate" if kind.gives == "rate" else "lif"), kind.name)
    elif isinstance(kind, (NeuronKind, SourceKind)):
        circuit.add(kind.name)
    assert np.all(np.isfinite(compile_circuit(circuit.snapshot(), circuit.kinds).arena))


@every_kind
def test_equations_without_numbers_of_their_own_hold_in_any_units(kind):
    """Scale time, voltage and current: each rate must scale as its unit says."""
    numbers = {p.value for e in all_expressions(kind) for p in walk(e) if isinstance(p, Num)}
    if not numbers <= {0.0, 1.0, -1.0}:
        pytest.skip("its numbers carry units, as those of the paper do")
    units = {p.name: p.unit for p in kind.parameters} | {v.name: v.unit for v in kind.variables}
    out = OUT_UNITS.get(getattr(kind, "carries", ""), "pA")
    units |= {"t": "ms", "I": "pA", "v": "mV", "out": out} | {
        v.name: v.unit for v in kind.variables
    }
    system = kind.system
    results = [*system.derivatives.values(), *system.definitions.values()]
    arguments = sorted(set().union(*map(names, results)) - system.definitions.keys())
    if not units.keys() >= set(arguments):
        pytest.skip("it has noise or takes spikes as they arrive")
    expected = [(*DIMENSIONS[units[s]], 1) for s in system.derivatives]
    expected += [(*DIMENSIONS[units[d]], 0) for d in system.definitions]
    function = lambdify(arguments, system.definitions, results, plain=True)
    values = np.random.default_rng(3).uniform(0.5, 2.0, len(arguments))
    scales = np.array([3.0, 5.0, 7.0])
    scaled = [
        v * np.prod(scales ** DIMENSIONS[units[a]]) for v, a in zip(values, arguments, strict=True)
    ]
    for before, after, (*powers, rate) in zip(
        function(*values), function(*map(float, scaled)), expected, strict=True
    ):
        assert after == pytest.approx(before * np.prod(scales**powers) / scales[0] ** rate)


@every_kind
def test_the_integrator_is_said_in_a_sentence(kind):
    text = integrators.describe(kind)
    assert text[0].isupper()
    assert text.endswith(".")


@every_kind
def test_a_family_has_what_it_needs(kind):
    if isinstance(kind, NeuronKind):
        assert kind.main in kind.system.states
        assert kind.recordable[kind.main].unit in ("mV", DIMENSIONLESS)
        assert not kind.refractory or kind.parameter(kind.refractory).unit == "ms"
    elif isinstance(kind, SynapseKind):
        assert kind.result in kind.system.definitions
        assert kind.sign in (-1, 0, 1)
        if kind.sign:
            # Whether it excites or inhibits is said by the kind, not by its weight.
            assert kind.parameter("weight").minimum == 0
            assert kind.parameter("weight").default > 0
        if kind.carries == "spikes":
            assert kind.parameter("delay").unit == "ms"
            uses = set().union(*map(names, kind.system.definitions.values()))
            assert bool(kind.spike_statements) != ("arrived" in uses)
    elif isinstance(kind, SourceKind):
        assert bool(kind.events) != (kind.output in kind.recordable)
        assert len(kind.breakpoint_series) == len(kind.breakpoints)
        if kind.gives == "current" and not kind.events:
            assert kind.recordable[kind.output].unit == "pA"


# -- glyphs ---------------------------------------------------------------------------------------

ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
WORD = re.compile(r"[MLHVCSQTAZmlhvcsqtaz]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def path_points(path):
    """Read an SVG path; yield the point each command ends at.

    Raises:
        ValueError: It is no path.
    """
    rest = WORD.sub("", path).replace(",", "").strip()
    if rest:
        raise ValueError(f"{rest!r} has no meaning in a path")
    words = WORD.findall(path)
    if not words or words[0] not in "Mm":
        raise ValueError("a path begins with M")
    x = y = 0.0
    while words:
        command = words.pop(0)
        count = ARGUMENTS[command.upper()]
        values = [float(word) for word in words[:count]]
        del words[:count]
        while True:
            dx, dy = (x, y) if command.islower() else (0.0, 0.0)
            match command.upper():
                case "H":
                    x = dx + values[-1]
                case "V":
                    y = dy + values[-1]
                case "Z":
                    break
                case _:
                    x, y = dx + values[-2], dy + values[-1]
            yield x, y
            if not words or words[0].isalpha():
                break
            values = [float(word) for word in words[:count]]
            if len(values) < count:
                raise ValueError(f"{command} takes {count} numbers")
            del words[:count]


@every_kind
def test_the_glyph_is_a_path_inside_its_box(kind):
    if isinstance(kind, SourceKind):
        assert kind.glyph
    for x, y in path_points(kind.glyph) if kind.glyph else ():
        assert 0 <= x <= 24
        assert 0 <= y <= 24


@pytest.mark.parametrize("path", ["", "L 1 2", "M 1", "M 1 2 L 3", "M 1 2 X 3", "M 1 2 url(x)"])
def test_what_is_no_path_is_found_out(path):
    with pytest.raises((ValueError, IndexError)):
        list(path_points(path))
