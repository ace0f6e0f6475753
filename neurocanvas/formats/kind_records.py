"""The shape of a kind that a file declares: equations of a circuit's own, or of a user's."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Quantity = str | float
"""Text with a unit, ``"20 ms"``, or a number in the unit of the thing."""

Lines = str | list[str]
"""Text, or its lines one by one."""


def _about(text: str) -> Meta:
    return Meta(description=text)


class ParameterRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A number that people may set."""

    name: Annotated[str, _about("As in the equations.")]
    default: Annotated[Quantity, _about('Its value: "200 pF", or a number in the unit.')]
    unit: Annotated[str, _about('Symbol of the unit: "pF", "nS/mV"; 1 for a plain number.')] = "1"
    title: Annotated[str, _about("As shown; the name if missing.")] = ""
    doc: Annotated[str, _about("One sentence: what it does.")] = ""
    minimum: Annotated[Quantity | None, _about("Below, a value is refused.")] = None
    maximum: Annotated[Quantity | None, _about("Above, a value is refused.")] = None
    above_minimum: Annotated[bool, _about("The minimum itself is refused too.")] = False
    slider: Annotated[list[Quantity], _about("What the slider spans: from, to.")] = []
    word: Annotated[str, _about('A word that stands for a value: "never".')] = ""
    word_value: Annotated[Quantity | None, _about("The value that the word stands for.")] = None


class VariableRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A state variable or definition of the equations, in words."""

    name: str
    unit: Annotated[str, _about('Symbol of the unit: "mV"; 1 for a plain number.')] = "1"
    doc: Annotated[str, _about("One sentence: what it is.")] = ""


class TextRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An expression that people may set."""

    name: Annotated[str, _about("As in the equations.")]
    default: Annotated[str, _about("Its text.")]
    unit: Annotated[str, _about("Of its value.")] = "1"
    title: str = ""
    doc: str = ""
    choices: Annotated[list[str], _about("What it must be one of; any expression if missing.")] = []


class ColumnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A list of numbers that people may give."""

    name: Annotated[str, _about("As in the declaration.")]
    unit: Annotated[str, _about("Of its values.")] = "1"
    title: str = ""
    doc: str = ""
    default: Annotated[list[float], _about("What it holds if nothing is given.")] = []


class KindRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of neuron, synapse or source, declared by its equations."""

    name: Annotated[str, _about("Unique among kinds: small letters, digits and _.")]
    family: Annotated[str, _about("neuron, synapse or source.")] = "neuron"
    title: Annotated[str, _about("As shown; the name if missing.")] = ""
    symbol: Annotated[str, _about("One to three letters drawn on the canvas.")] = "dv"
    hint: Annotated[str, _about("A short grey word in the palette.")] = ""
    doc: Annotated[Lines, _about("What it is.")] = ""
    source: Annotated[Lines, _about("Where it comes from.")] = ""
    equations: Annotated[Lines, _about("One statement a line: dv/dt = ..., or name = ...")] = ""
    initial: Annotated[dict[str, str], _about("State variable -> value at the start.")] = {}
    threshold: Annotated[str | None, _about("Of a neuron: the spike condition, v > V_th.")] = None
    reset: Annotated[Lines | None, _about("Of a neuron: what a spike changes.")] = None
    refractory: Annotated[str | None, _about("Of a neuron: a parameter, in ms.")] = None
    main: Annotated[str | None, _about("Of a neuron: the variable shown first.")] = None
    accepts: Annotated[str | None, _about("Of a neuron: current or rate.")] = None
    update: Annotated[Lines | None, _about("Of a neuron: done after every step.")] = None
    interval: Annotated[str | None, _about("Of a neuron: how often, a parameter in ms.")] = None
    drive: Annotated[float | None, _about("Of a neuron: pA that make it fire repeatedly.")] = None
    sign: Annotated[int | None, _about("Of a synapse: 1, -1 or 0.")] = None
    on_spike: Annotated[Lines | None, _about("Of a synapse: what a spike changes.")] = None
    carries: Annotated[str | None, _about("Of a synapse: what it takes from its source.")] = None
    symmetric: Annotated[bool | None, _about("Of a synapse: acts both ways.")] = None
    events: Annotated[str | None, _about("Of a source: how spikes come about.")] = None
    breakpoints: Annotated[list[str] | None, _about("Of a source: when its output jumps.")] = None
    table: Annotated[list[str] | None, _about("Of a source: columns it interpolates.")] = None
    output: Annotated[str | None, _about("Of a neuron or source: what goes out.")] = None
    gives: Annotated[str | None, _about("Of a synapse or source: what it gives.")] = None
    parameters: list[ParameterRecord] = []
    variables: list[VariableRecord] = []
    texts: list[TextRecord] = []
    data: list[ColumnRecord] = []
    presets: Annotated[dict[str, dict[str, Any]], _about("Title -> values of parameters.")] = {}
    glyph: Annotated[str, _about("An SVG path in a box of 24 by 24.")] = ""


class KindFileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file with a single kind."""

    format: str
    version: int
    kind: KindRecord
