"""Connection rules: which neurons of one node reach which of another.

A rule is declared here with its parameters; ``sim.connectivity`` draws the pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from neurocanvas.errors import CircuitError
from neurocanvas.model.kinds import Parameter

MAX_SYNAPSES = 100_000_000
"""More of them in one link are refused: they would fill the memory."""
MANY_SYNAPSES = 10_000_000
"""A new link does not get more of them unless it is asked to."""


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A connection rule with its parameters and one sentence on what it does.

    Attributes:
        whole: Names of parameters that are whole numbers.
        switches: Names of parameters that are 0 or 1.
    """

    name: str
    title: str
    doc: str
    parameters: tuple[Parameter, ...] = ()
    whole: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()

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

    def checked(self, name: str, value: object) -> float:
        """Return a value as a number.

        Raises:
            CircuitError: There is no such parameter, or it must be whole and is not.
            QuantityError: It is not possible.
        """
        number = self.parameter(name).parse(value, self.name)
        if name in (*self.whole, *self.switches) and not number.is_integer():
            raise CircuitError(
                f"{self.name}: {name} = {number:g} is not possible; a whole number is"
            )
        return number


def _count(name: str, default: float, doc: str, title: str, most: float) -> Parameter:
    slider = (0.0, 10 * default)
    return Parameter(name, default, "1", doc, title, minimum=0.0, maximum=most, slider=slider)


def _probability(name: str, default: float, doc: str, title: str) -> Parameter:
    return Parameter(name, default, "1", doc, title, minimum=0.0, maximum=1.0, slider=(0.0, 1.0))


def _gaussian(whole: str, edge: str) -> tuple[Parameter, ...]:
    """Return the parameters of a probability that falls with distance."""
    return (
        Parameter("sigma", 0.1, "1", f"Distance at which it falls to 61 %, in parts of {whole}.",
                  "Width", minimum=0.0, strict=True, maximum=100.0, slider=(0.0, 0.5)),
        _probability("p_max", 0.5, "Probability at distance 0.", "Probability at 0"),
        Parameter("periodic", 1.0, "1", f"Whether {edge}.", "Periodic", minimum=0.0, maximum=1.0),
    )  # fmt: skip


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
            (_probability("p", 0.1, "Probability of each pair.", "Probability"),),
        ),
        RuleKind(
            "fixed_in_degree",
            "Fixed in-degree",
            "Each target neuron receives from n source neurons drawn at random, with repetition.",
            (_count("n", 10.0, "Inputs of each target neuron.", "Inputs of each", 1e6),),
            whole=("n",),
        ),
        RuleKind(
            "fixed_out_degree",
            "Fixed out-degree",
            "Each source neuron reaches n target neurons drawn at random, with repetition.",
            (_count("n", 10.0, "Outputs of each source neuron.", "Outputs of each", 1e6),),
            whole=("n",),
        ),
        RuleKind(
            "fixed_total_number",
            "Fixed total number",
            "n pairs in all, each drawn at random from all pairs, with repetition.",
            (_count("n", 100.0, "Number of synapses.", "Synapses", float(MAX_SYNAPSES)),),
            whole=("n",),
        ),
        RuleKind(
            "gaussian_ring",
            "Gaussian, on a ring",
            "The neurons of both nodes lie evenly on a ring; each pair is connected with "
            "probability p_max*exp(-d**2/(2*sigma**2)), d being their distance, independently.",
            _gaussian("its circumference", "the ring is closed; open, it is a line"),
            switches=("periodic",),
        ),
        RuleKind(
            "gaussian_grid",
            "Gaussian, on a grid",
            "The neurons of both nodes lie row by row on a sheet; each pair is connected with "
            "probability p_max*exp(-d**2/(2*sigma**2)), d being their distance, independently.",
            _gaussian("the side of the sheet", "opposite edges of the sheet touch"),
            switches=("periodic",),
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
    checked = {n: RULES[name].checked(n, v) for n, v in (values or {}).items()}
    return Rule(name, checked, self_links)


def expected_synapses(rule: Rule, n_pre: int, n_post: int) -> float:
    """Return how many synapses a rule makes between nodes of these sizes, about or at most."""
    match rule.name:
        case "one_to_one":
            return min(n_pre, n_post)
        case "probability":
            return rule.value("p") * n_pre * n_post
        case "fixed_in_degree":
            return rule.value("n") * n_post
        case "fixed_out_degree":
            return rule.value("n") * n_pre
        case "fixed_total_number":
            return rule.value("n")
        case "gaussian_ring" | "gaussian_grid":
            width = math.sqrt(2 * math.pi) * rule.value("sigma")
            part = min(1.0, width if rule.name == "gaussian_ring" else width**2)
            return rule.value("p_max") * part * n_pre * n_post
    return n_pre * n_post


def default_rule(n_pre: int, n_post: int) -> Rule:
    """Return the rule of a new link: all to all, but a fixed in-degree where that is too much."""
    if n_pre * n_post <= MANY_SYNAPSES:
        return Rule()
    return Rule("fixed_in_degree", {"n": 100.0})
