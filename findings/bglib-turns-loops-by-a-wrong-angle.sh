#!/usr/bin/env bash
# BGlib 0.0.6 (numpy 2.4.6, sidpy 0.12.9, pyUSID 0.0.12): projectLoop, which makes a piezoresponse loop of amplitudes
# and phases, fits a line to the response in its plane and turns it by the tangent of the slope of that line, not by
# minus its arc tangent. Only loops along the real axis keep their height; others are flattened by an amount that
# depends on their phase, so that a map of loop heights or areas shows the phase of each pixel. Nothing is said.
# Seen on 2026-11-30, a loop of 2 pm from its lowest to its highest value, without noise, by the phase of its response:
#    0 deg  2.00 pm
#   10 deg  1.88 pm
#   30 deg  0.77 pm
#   45 deg  1.40 pm
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 scikit-image==0.26.0 \
  h5py==3.16.0 ipywidgets==8.1.9 xlrd==2.0.2 numpy_groupies==0.11.3 sidpy==0.12.9 pyUSID==0.0.12 || exit 2
"$folder/venv/bin/python" -m pip install -q --no-deps BGlib==0.0.6 || exit 2 # it asks for an older numpy_groupies
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from BGlib.be.analysis.utils.be_loop import projectLoop

angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
voltage = 8 * np.sin(angles)
loop = np.tanh(voltage + np.where(np.cos(angles) < 0, 3, -3))  # pm
heights = []
for phase in (0, 10, 30, 45):
    response = loop * np.exp(1j * np.radians(phase))
    projected = projectLoop(voltage, np.abs(response), np.angle(response))["Projected Loop"]
    heights.append(round(float(np.ptp(projected)), 2))
    print(f"{phase:2d} deg  {heights[-1]:.2f} pm")
sys.exit(not (heights[0] == 2 and heights[2] < 1 and heights[3] < 1.5))
PY
