"""Facts and mathematics of chains of scales: halide perovskites, their solvents, and a synthetic chain."""
