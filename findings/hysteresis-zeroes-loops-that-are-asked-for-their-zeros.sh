#!/usr/bin/env bash
# hysteresis 2.0.5 (numpy 2.4.6): getXIntersections, which gives the points where a loop crosses zero, first sets every
# value nearer to zero than 1e-6 to 0, in the curve itself and in the array that it was made of. Of a loop in SI units,
# such as displacements in m, nothing is left, and no crossing is found; a loop in pm is right. Nothing is said.
# Seen on 2026-11-30, the same loop in pm and in m:
#   pm  100 pm high before, 4 crossings, 100 pm after
#   m   100 pm high before, 0 crossings, 0 pm after
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 hysteresis==2.0.5 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from hysteresis import Hysteresis

angles = np.linspace(0, 4 * np.pi, 201)
voltage = 8 * np.sin(angles)
displacement = 50 * np.tanh(8 * np.sin(angles - 0.4))  # pm
found = []
for unit, scale in (("pm", 1.0), ("m", 1e-12)):
    loop = np.column_stack([voltage, displacement * scale])
    before = round(float(np.ptp(loop[:, 1]) / scale))
    crossings = len(Hysteresis(loop).getXIntersections())
    after = round(float(np.ptp(loop[:, 1]) / scale))
    found.append((before, crossings, after))
    print(f"{unit:2}  {before} pm high before, {crossings} crossings, {after} pm after")
sys.exit(found != [(100, 4, 100), (100, 0, 0)])
PY
