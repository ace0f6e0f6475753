"""Instruments: what is looked at below the canvas."""
