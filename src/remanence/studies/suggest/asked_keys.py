"""Keys of what a user asks of ``suggest``; verbs know them without importing what chooses the experiments."""

from remanence.studies.design.asked_keys import SPACE

CHOICE = ("target", "n", "acquisition")
EXPERIMENTS = (*SPACE, *CHOICE, "cost", "pending")
"""Keys of a request for experiments, see ``suggest_rows``."""
BACKTEST = (*CHOICE, "starts", "measured", "seeds", "top")
"""Keys of a backtest, see ``replay``."""
