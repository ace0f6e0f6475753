"""Neuron kinds."""
