#!/usr/bin/env bash
# chemformula 1.5.1: the point of an amount is left out before the formula is read, so that Hf0.5Zr0.5O2 is Hf5Zr5O2 and
# YBa2Cu3O6.93 has 693 oxygen atoms. Formula weights and mass fractions are those of the other formula; nothing is
# raised.
# Seen on 2026-11-30:
#   Hf0.5Zr0.5O2        Hf5Zr5O2      1380.538 g/mol
#   Pb(Zr0.52Ti0.48)O3  PbZr52Ti48O3  7296.357 g/mol
#   YBa2Cu3O6.93        YBa2Cu3O693   11641.505 g/mol
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q chemformula==1.5.1 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

from chemformula import ChemFormula

read = []
for formula in ("Hf0.5Zr0.5O2", "Pb(Zr0.52Ti0.48)O3", "YBa2Cu3O6.93"):
    substance = ChemFormula(formula)
    read.append((str(substance.sum_formula), round(float(substance.formula_weight))))
    print(f"{formula:19} {read[-1][0]:13} {substance.formula_weight:.3f} g/mol")
sys.exit(read != [("Hf5Zr5O2", 1381), ("PbZr52Ti48O3", 7296), ("YBa2Cu3O693", 11642)])
PY
