"""Scenarios use the windows of the application's own tests."""

from app.conftest import dark, make_window, session

__all__ = ["dark", "make_window", "session"]
