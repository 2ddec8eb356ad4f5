"""Hydra finds launchers in this namespace only; the launcher itself is ``remanence.sweeps.ray_launcher``."""

from remanence.sweeps.ray_launcher import TrialsOnRay


class RayLauncher(TrialsOnRay):
    """The launcher that ``hydra/launcher=ray`` chooses."""
