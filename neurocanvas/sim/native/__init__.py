"""Compiled functions: built by numba in one process, loaded without it in all others."""
