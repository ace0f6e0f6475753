"""NeuroCanvas: a desktop bench for neural circuits."""
