"""Chains whose properties are formulas, so that a test knows the best answer."""

import numpy as np
import pandas as pd

from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.ions import IONS

SIZE = dict(zip(IONS, [1.0, 1.2, 1.5, 2.0, 2.5, 0, 0, 0, 0.7, 1.1, 1.2, 3.0, 2.0, 1.0], strict=True))
"""One number per ion; a site's input is the mean over its ions."""
SITE = np.array([[ion in ions for ion in IONS] for ions in (IONS[:5], IONS[5:11], IONS[11:])])
SOLVENTS = {"DMSO": 4.0, "DMF": 3.0, "GBL": 1.0}
WIDTH = 0.1


MIXED = "Cs0.5MA0.5Pb0.5Sn0.5Br1.5I1.5"
"""Mixed on every site."""


class SmallChain:
    """Gap = A − B + X of the sites' numbers; binding energy = gap² + solvent's number; both ± 0.1."""

    scales = ("ions", "solvents")
    targets = {"ions": ["gap"], "solvents": ["binding_energy"]}  # noqa: RUF012
    raw_columns = {"ions": ["composition"], "solvents": ["composition", "solvent"]}  # noqa: RUF012
    composition = "composition"
    levels = {"solvent": list(SOLVENTS)}  # noqa: RUF012
    units = {"gap": "eV", "binding_energy": "kJ/mol"}  # noqa: RUF012

    def predict(self, frame, *, source="input"):
        predicted = {}
        for scale in self.scales:
            if set(self.raw_columns[scale]) <= set(frame.columns):
                (name,) = self.targets[scale]
                values = self._property(self.inputs(frame, scale))
                predicted |= {name: values, f"{name}_low": values - WIDTH, f"{name}_high": values + WIDTH}
        return pd.DataFrame(predicted, index=frame.index)

    def inputs(self, frame, scale):
        x = ion_fractions(frame["composition"].tolist()) @ (SITE * np.array(list(SIZE.values()))).T
        solvent = [] if scale == "ions" else [frame["solvent"].map(SOLVENTS).to_numpy(dtype=float)]
        return np.column_stack([x, *solvent])

    def input_names(self, scale):
        return ["A", "B", "X", "SOLVENT"][: 3 if scale == "ions" else 4]

    def own_columns(self, scale):
        return [0, 1, 2] if scale == "ions" else [3]

    def embed(self, x, scale):
        return 2 * x - 1

    def decode(self, z, scale):
        return ((z + 1) / 2)[:, self.own_columns(scale)]

    def head(self, z, scale):
        return self._property((z + 1) / 2)[:, None]

    def _property(self, x):
        gap = x[:, 0] - x[:, 1] + x[:, 2]
        return gap if x.shape[1] == 3 else gap**2 + x[:, 3]


class NumberChain:
    """One scale without compositions: y = −(p − 0.3)² − (q + 0.5)² + (1 if the kind is 'b' else 0)."""

    scales = ("only",)
    targets = {"only": ["y"]}  # noqa: RUF012
    raw_columns = {"only": ["p", "q", "kind"]}  # noqa: RUF012
    composition = None
    levels = {"kind": ["a", "b"]}  # noqa: RUF012
    units = {}  # noqa: RUF012

    def predict(self, frame, *, source="input"):
        values = self._property(self.inputs(frame, "only"))
        return pd.DataFrame({"y": values}, index=frame.index)

    def inputs(self, frame, scale):
        return np.column_stack([pd.to_numeric(frame["p"]), pd.to_numeric(frame["q"]), frame["kind"] == "b"])

    def input_names(self, scale):
        return ["p", "q", "kind=b"]

    def own_columns(self, scale):
        return [0, 1, 2]

    def embed(self, x, scale):
        return 3 * x[:, [1, 0, 2]]

    def decode(self, z, scale):
        return z[:, [1, 0, 2]] / 3

    def head(self, z, scale):
        return self._property(z[:, [1, 0, 2]] / 3)[:, None]

    def _property(self, x):
        return -((x[:, 0] - 0.3) ** 2) - (x[:, 1] + 0.5) ** 2 + x[:, 2]


def training_rows():
    """Return all pure compositions of six ions, and one mixture, in every solvent, cells as a reader gives them."""
    compositions = [f"{a}{b}{x}3" for a in ("Cs", "MA") for b in ("Pb", "Sn") for x in ("Br", "I")]
    compositions.append(MIXED)
    binding = pd.DataFrame([(c, s) for c in compositions for s in SOLVENTS], columns=["composition", "solvent"])
    wide = [f"{a}{b}{x}3" for a in ("K", "Cs", "MA", "FA") for b in ("Pb", "Sn", "Ge") for x in ("Cl", "Br", "I")]
    return {"ions": pd.DataFrame({"composition": [*wide, MIXED]}), "solvents": binding}


def number_rows(rows=200):
    """Return rows between −1 and 1, numbers as text."""
    p, q = np.random.default_rng(0).uniform(-1, 1, (2, rows)).round(6)
    return {
        "only": pd.DataFrame(
            {"p": p.astype(str), "q": q.astype(str), "kind": np.array(["a", "b"])[np.arange(rows) % 2]}
        )
    }
