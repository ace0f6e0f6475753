"""Plasticity kinds: what a synapse may carry."""
