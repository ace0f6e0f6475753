"""Connection rules: which neurons of one node reach which of another.

A rule is declared here with its parameters; ``sim.connectivity`` draws the pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from neurocanvas.errors import CircuitError
from neurocanvas.model.kinds import Parameter

_COUNT = {"unit": "1", "minimum": 0.0}


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A connection rule with its parameters and one sentence on what it does."""

    name: str
    title: str
    doc: str
    parameters: tuple[Parameter, ...] = ()

    def parameter(self, name: str) -> Parameter:
        """Return the declaration of a parameter.

        Raises:
            CircuitError: There is none of that name.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(p.name for p in self.parameters) or "none"
        raise CircuitError(f"the rule {self.name} has no parameter {name!r}; it has {known}")


RULES = {
    rule.name: rule
    for rule in (
        RuleKind("all_to_all", "All to all", "Every source neuron reaches every target neuron."),
        RuleKind(
            "one_to_one", "One to one", "Neuron i reaches neuron i; both nodes have one size."
        ),
        RuleKind(
            "probability",
            "Fixed probability",
            "Each pair is connected with probability p, independently.",
            (Parameter("p", 0.1, "1", "Probability of each pair.", minimum=0.0, maximum=1.0),),
        ),
        RuleKind(
            "fixed_in_degree",
            "Fixed in-degree",
            "Each target neuron receives from n source neurons drawn at random, with repetition.",
            (Parameter("n", 10.0, "1", "Inputs of each target neuron.", minimum=0.0),),
        ),
    )
}
"""All connection rules by name."""


@dataclass(frozen=True)
class Rule:
    """The connection rule of one link.

    Attributes:
        name: One of ``RULES``.
        values: Its parameters where they differ from the default.
        self_links: Whether a neuron may reach itself, in a link from a node to itself.
        extras: Keys of a file that this version does not know.
    """

    name: str = "all_to_all"
    values: Mapping[str, float] = field(default_factory=dict)
    self_links: bool = False
    extras: Mapping[str, object] = field(default_factory=dict)

    def value(self, name: str) -> float:
        """Return a parameter, its default if it is not set."""
        return float(self.values.get(name, RULES[self.name].parameter(name).default))


def make_rule(
    name: str, values: Mapping[str, object] | None = None, self_links: bool = False
) -> Rule:
    """Return a checked rule.

    Raises:
        CircuitError: Unknown rule or parameter.
        QuantityError: A value that is not possible.
    """
    if name not in RULES:
        raise CircuitError(f"no connection rule is named {name!r}; known are {', '.join(RULES)}")
    kind = RULES[name]
    checked = {n: kind.parameter(n).parse(v, name) for n, v in (values or {}).items()}
    return Rule(name, checked, self_links)
