#!/usr/bin/env bash
# xgboost-cpu 3.2.0 (numpy 2.4.6, scikit-learn 1.9.1): trees do not split where the targets are of the order 1e-10, such
# as d33 in m/V. Every row gets one value, without a warning; the same rows in pm/V are fitted.
# Seen on 2026-11-28, R² on the training rows and number of different predictions among 200:
#   pm/V 1.000 200
#   m/V  -0.000 1
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scikit-learn==1.9.1 xgboost-cpu==3.2.0 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from sklearn.metrics import r2_score
from xgboost import XGBRegressor

x = np.random.default_rng(0).normal(size=(200, 3))
d33 = 300 + 100 * x[:, 0]  # pm/V
different = {}
for unit, scale in (("pm/V", 1.0), ("m/V", 1e-12)):
    y = d33 * scale
    predicted = XGBRegressor(n_estimators=50).fit(x, y).predict(x)
    different[unit] = len(np.unique(predicted))
    print(f"{unit:4} {r2_score(y, predicted):.3f} {different[unit]}")
sys.exit(not (different["m/V"] == 1 < 100 < different["pm/V"]))
PY
