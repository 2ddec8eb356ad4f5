#!/usr/bin/env bash
# rampy 0.6.4 (numpy 2.4.6, scipy 1.17.1): whittaker says of its weights that regions with weight 0 will not be
# smoothed, and its example says "Do not smooth this region". Such a region is not kept: its values count nothing, and
# what comes back is drawn through it from both sides. A sharp peak that should be spared is gone. Nothing is said.
# Seen on 2026-11-30, height of a peak between weights of 0:
#   before                     10.0
#   whittaker, weights of 1    5.2
#   whittaker, weights of 0    0.0
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 \
  matplotlib==3.11.2 rampy==0.6.4 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from rampy import whittaker

shifts = np.arange(100.0)  # 1/cm
peak = 10 * np.exp(-(((shifts - 50) / 3) ** 2))
weights = np.ones(100)
weights[40:60] = 0
spectra = {
    "before": peak,
    "whittaker, weights of 1": whittaker(peak, Lambda=100),
    "whittaker, weights of 0": whittaker(peak, weights=weights, Lambda=100),
}
heights = [round(abs(float(spectrum[50])), 1) for spectrum in spectra.values()]
for name, height in zip(spectra, heights):
    print(f"{name:25}  {height}")
sys.exit(not (heights[0] == 10 and heights[1] > 2 and heights[2] == 0))
PY
