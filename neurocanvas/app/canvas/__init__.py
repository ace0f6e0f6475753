"""The canvas: where a circuit is drawn, seen running and changed by hand."""

from neurocanvas.app.canvas.view import CanvasView

__all__ = ["CanvasView"]
