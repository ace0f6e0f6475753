"""Measurements; they print what they find and assert nothing."""
