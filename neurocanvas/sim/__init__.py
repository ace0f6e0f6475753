"""The engine: compiles circuits to arrays and kernels, and advances them."""
