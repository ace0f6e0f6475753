"""Plasticity: what a synapse may carry so that its effect depends on the spikes before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from neurocanvas.model import equations as eq
from neurocanvas.model.expressions import Expr, names
from neurocanvas.model.kinds import Kind

PRE, POST = "pre", "post"


@dataclass(frozen=True)
class PlasticityKind(Kind):
    """A property that a synapse that carries spikes may have.

    Its equations say how traces run between spikes (linear, with constant coefficients); each trace
    belongs to the source neuron of a link or to its target neuron.

    Attributes:
        sides: State variable -> ``"pre"`` or ``"post"``.
        on_pre: What a spike of the source changes. It may change ``w``, the weight of each synapse,
            from the traces of both sides; then it acts when the spike arrives.
        on_post: What a spike of the target changes, ``w`` of all its synapses first.
        release: The part of the weight that a spike releases; then ``on_pre`` acts when it leaves.
        after: What a spike of the source changes after the release.
    """

    family: ClassVar[str] = "plasticity"
    inputs: ClassVar[tuple[str, ...]] = ("t", "w")

    sides: Mapping[str, str] = field(default_factory=dict)
    on_pre: str = ""
    on_post: str = ""
    release: str = ""
    after: str = ""

    @property
    def changes_weights(self) -> bool:
        """Whether each synapse learns a weight of its own."""
        return any(s.target == "w" for s in (*self.pre_statements, *self.post_statements))

    def states_of(self, side: str) -> tuple[str, ...]:
        """Return the traces that belong to one side."""
        return tuple(s for s in self.system.states if self.sides[s] == side)

    @cached_property
    def pre_statements(self) -> list[eq.Statement]:
        """What a spike of the source changes."""
        return self._parsed(self.on_pre)

    @cached_property
    def post_statements(self) -> list[eq.Statement]:
        """What a spike of the target changes."""
        return self._parsed(self.on_post)

    @cached_property
    def after_statements(self) -> list[eq.Statement]:
        """What a spike of the source changes after the release."""
        return self._parsed(self.after)

    @cached_property
    def release_expr(self) -> Expr | None:
        """The part of the weight that a spike releases, None for all of it."""
        if not self.release:
            return None
        expr = eq.parse_part(self.release, self.name)
        unknown = names(expr) - self.all_names
        if unknown:
            raise self.refused(f"release: unknown name {min(unknown)!r}")
        return expr

    def _parsed(self, text: str) -> list[eq.Statement]:
        targets = {*self.system.states, "w"}
        return eq.parse_assignments(text, targets, self.all_names, self.name)

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        _ = self.pre_statements, self.post_statements, self.after_statements, self.release_expr
        for state in self.system.states:
            if self.sides.get(state) not in (PRE, POST):
                raise self.refused(f"sides: {state} belongs to {PRE!r} or {POST!r}")
