"""The row in which the integrator of a node is chosen, and the words on it."""

from __future__ import annotations

from neurocanvas.app.choice_rows import EditChoice, Option
from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import forms
from neurocanvas.model.edits import Edit, SetIntegrator
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind
from neurocanvas.model.quantity import format_quantity

AUTOMATIC = ""
"""The form of the equations decides."""

TIP = (
    "How the equations are carried over a time step.<br>"
    "<b>exact</b>: linear equations, right for every step<br>"
    "<b>exponential Euler</b>: each variable exactly while the others stand; second order<br>"
    "<b>RK4</b>: four slopes a step; fourth order<br>"
    "<b>Euler</b>: one slope a step; first order, for comparison"
)


def choices(kind: Kind) -> tuple[str, ...]:
    """Return the integrators that nodes of a kind can ask for; none if there is no choice."""
    try:
        found = forms.methods(kind)
    except NeuroCanvasError:  # the engine says more of it
        return ()
    return found if len(found) > 1 else ()


class MethodChoice(EditChoice):
    """Which integrator nodes of one kind have; what their equations allow."""

    def __init__(self, session: Session, ids: tuple[str, ...], kind: Kind) -> None:
        self._kind = kind
        super().__init__(session, ids, "Integrator", TIP)

    def options(self) -> list[Option]:
        return [("Automatic", AUTOMATIC), *((name, name) for name in choices(self._kind))]

    def present(self, element: Node | Link) -> str:
        return element.integrator if isinstance(element, Node) else AUTOMATIC

    def edit(self, element: Node | Link, name: str) -> Edit:
        return SetIntegrator(element.id, name)


def method_words(kind: Kind, dt: float, wanted: str = AUTOMATIC) -> str:
    """Say how the equations of a kind are integrated, with the method that was asked for."""
    from neurocanvas.sim import integrators

    if kind.placeholder:
        return "This kind is unknown here: it is shown and saved, but not simulated."
    plan = integrators.plan(kind, wanted=wanted)
    if plan.method == integrators.NONE:
        return ""
    how = "exactly" if plan.method == forms.EXACT else f"with {plan.method}"
    return f"Integrated {how} at {format_quantity(dt, 'ms')}: {plan.reason}."
