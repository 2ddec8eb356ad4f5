#!/usr/bin/env bash
# PySSPFM 2024.12 (numpy 2.2.6, scipy 1.17.1, lmfit 1.3.4): Hysteresis has two shapes of branches, sigmoid, of height
# ampli, and arctan, of height pi times ampli. properties() takes ampli for the height of both: area and saturation of a
# loop with the arctan shape are smaller than those of its curve by a factor of pi. Nothing is said.
# Seen on 2026-11-30, a loop of ampli 1 with coercive voltages of -2 and 2 V, its curve from -1000 to 1000 V:
#   sigmoid  curve: area 4.0, largest value 0.5   properties: area 4.0, saturation 0.5
#   arctan   curve: area 12.6, largest value 1.6  properties: area 4.0, saturation 0.5
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.2.6 scipy==1.17.1 lmfit==1.3.4 matplotlib==3.11.2 \
  scikit-learn==1.9.1 || exit 2
# Of its dependencies, the module of loops imports these only.
"$folder/venv/bin/python" -m pip install -q --no-deps PySSPFM==2024.12 || exit 2
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PY'
import sys

import numpy as np
from PySSPFM.utils.core.curve_hysteresis import Hysteresis

voltages = np.linspace(-1000, 1000, 400001)
found = []
for shape in ("sigmoid", "arctan"):
    loop = Hysteresis(model=shape, ampli=(1.0, 1.0), coef=(0.5, 0.5), x0=(-2.0, 2.0))
    loop.properties()
    branches = [loop.eval(voltages, i=branch) for branch in (0, 1)]
    area = np.sum(branches[0] - branches[1]) * (voltages[1] - voltages[0])
    numbers = area, max(branches[0]), loop.props["area"], loop.props["y sat l"]
    found.append([round(float(number), 1) for number in numbers])
    text = "{:8} curve: area {}, largest value {:<4} properties: area {}, saturation {}"
    print(text.format(shape, *found[-1]))
sys.exit(found != [[4, 0.5, 4, 0.5], [12.6, 1.6, 4, 0.5]])
PY
