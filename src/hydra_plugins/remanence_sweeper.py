"""Hydra finds sweepers in this namespace only; the sweeper itself is ``remanence.sweeps.grid``."""

from remanence.sweeps.grid import Grid, register


class RemanenceGrid(Grid):
    """``hydra/sweeper=remanence``."""


register(RemanenceGrid)
