"""Equations to the source text of kernels."""
