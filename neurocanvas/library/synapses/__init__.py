"""Synapse kinds: links between nodes."""
