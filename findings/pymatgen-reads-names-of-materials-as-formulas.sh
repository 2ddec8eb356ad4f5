#!/usr/bin/env bash
# pymatgen-core 2026.10.16: Composition reads names that a laboratory gives to materials as formulas of elements nobody
# meant, without a warning: each letter that could be an element becomes one.
# Seen on 2026-11-28:
#   BTO  (barium titanate)            B1 H1 O1
#   KNN  (potassium sodium niobate)   K1 N2
#   BFO  (bismuth ferrite)            B1 O1 F1
#   PVDF (polyvinylidene fluoride)    V1 P1 H1 F1
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q pymatgen-core==2026.10.16 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

from pymatgen.core import Composition

NAMES = {
    "BTO": ("barium titanate", "B1 H1 O1"),
    "KNN": ("potassium sodium niobate", "K1 N2"),
    "BFO": ("bismuth ferrite", "B1 O1 F1"),
    "PVDF": ("polyvinylidene fluoride", "V1 P1 H1 F1"),
}
read = {name: Composition(name).formula for name in NAMES}
for name, formula in read.items():
    print(f"{name:4} {'(' + NAMES[name][0] + ')':28} {formula}")
sys.exit(read != {name: formula for name, (_, formula) in NAMES.items()})
PY
