#!/usr/bin/env bash
# crepes 0.9.1 (numpy 2.4.6, scikit-learn 1.9.1): a Mondrian conformal regressor gives a row whose category was not
# among the calibration rows the interval [0, 0] at any confidence, without a warning, whatever is predicted.
# Seen on 2026-11-28, predictions of 300 pC/N for three materials, the last of them unseen:
#   NBT [298.4, 301.6]
#   BT  [298.5, 301.5]
#   KNN [0.0, 0.0]
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scikit-learn==1.9.1 crepes==0.9.1 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from crepes import ConformalRegressor

residuals = np.random.default_rng(0).normal(size=200)
regressor = ConformalRegressor()
regressor.fit(residuals, bins=np.array(["NBT"] * 100 + ["BT"] * 100))
materials = np.array(["NBT", "BT", "KNN"])
intervals = regressor.predict_int(np.full(3, 300.0), bins=materials, confidence=0.9)
for material, interval in zip(materials, intervals):
    print(f"{material:3} {np.round(interval, 1).tolist()}")
sys.exit(intervals[2].tolist() != [0.0, 0.0])
PY
