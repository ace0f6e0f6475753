"""A circuit to a program: kernels cast, parameters drawn, rules wired."""
