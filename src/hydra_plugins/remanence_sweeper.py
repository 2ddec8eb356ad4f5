"""Hydra finds sweepers in this namespace only; the sweeper itself is ``remanence.sweeps.sweeper``."""

from remanence.sweeps.sweeper import OptunaSweeper


class RemanenceSweeper(OptunaSweeper):
    """The sweeper that ``hydra/sweeper=remanence`` chooses."""
