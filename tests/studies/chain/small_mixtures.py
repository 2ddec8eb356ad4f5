"""Tables of two scales: gaps of compositions, and energies of mixtures that the gap decides with."""

import numpy as np
import pandas as pd

from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.descriptors import FEATURES, describe

FORMULAS = [
    f"{a}{b}{x}3"
    for a in ("MA", "FA", "Cs", "FA0.5MA0.5")
    for b in ("Pb", "Sn", "Pb0.5Sn0.5", "Ge")
    for x in ("I", "Br", "Cl")
]
ADDITIVES = ("none", "oil", "salt")
SHORT = ("ensemble=stacked", "ensemble.folds=2", "ensemble.repeats=1", "data.split.folds=2", "data.split.repeats=1")
OWN_SCALES = """{
    ions: {data: gaps, inputs: [A_IONRAD, B_En, X_En], latent_dim: 3, encoder: {hidden: [8]},
           heads: {gap: {kind: regression, columns: [gap], hidden: [8]}}},
    mix: {data: mixes, inputs: [additive, heat], parents: [ions], latent_dim: 2, gaussian_process: true,
          heads: {energy: {kind: regression, columns: [energy, density]},
                  phase: {kind: classification, columns: [phase]}}}}"""


def own_gaps():
    """Return compositions with a gap that their ions make, in eV."""
    features = pd.DataFrame(describe(ion_fractions(FORMULAS)), columns=list(FEATURES))
    gap = 1.5 * features["X_En"] - 0.8 * features["B_En"] + 0.3 * features["A_IONRAD"] - 1
    return pd.DataFrame({"composition": FORMULAS, "gap": gap.round(6)})


def own_mixes(rows=40):
    """Return compositions with an additive, the heat that they were given, and what came of it."""
    random, gaps = np.random.default_rng(0), own_gaps()
    chosen, heat = random.integers(0, len(gaps), rows), random.uniform(20, 120, rows).round(1)
    additive = np.array(ADDITIVES)[np.arange(rows) % 3]
    energy = (3 * gaps["gap"][chosen].to_numpy() + 0.02 * heat + (additive == "salt")).round(6)
    return pd.DataFrame(
        {
            "composition": gaps["composition"][chosen].to_numpy(),
            "heat": heat,
            "additive": additive,
            "energy": energy,
            "density": (4 - energy / 3).round(6),
            "phase": np.where(energy > np.median(energy), "cubic", "tetragonal"),
        }
    )
