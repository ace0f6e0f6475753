"""The document: quantities, kinds, equations, the circuit, its edits and its rules."""
