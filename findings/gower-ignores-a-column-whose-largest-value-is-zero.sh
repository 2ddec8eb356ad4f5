#!/usr/bin/env bash
# gower 0.1.2 (numpy 2.4.6, scipy 1.17.1, pandas 3.1.1): a numeric column whose largest value is 0 counts nothing in
# Gower's distance, without a warning: formation energies with the elements as their zero, reverse bias. The range is
# computed as 1 - least / largest, and taken as 0 where the largest value is 0. All values moved by one have distances.
# Seen on 2026-11-30, distances of the first of three rows to all:
#   -2, -1, 0 eV  [0.0, 0.0, 0.0]
#   -1, 0, 1 eV   [0.0, 0.5, 1.0]
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 gower==0.1.2 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import gower
import pandas as pd

energies = pd.DataFrame({"formation energy (eV)": [-2.0, -1.0, 0.0]})
distances = gower.gower_matrix(energies)[0].tolist()
moved = gower.gower_matrix(energies + 1)[0].tolist()
print("-2, -1, 0 eV ", distances)
print("-1, 0, 1 eV  ", moved)
sys.exit(not (distances == [0, 0, 0] and moved == [0, 0.5, 1]))
PY
