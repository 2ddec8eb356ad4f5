#!/usr/bin/env bash
# playNano 0.5.0 (numpy 2.4.6, scipy 1.17.1): align_frames with method="full_cross_correlation" finds no drift in frames
# whose heights are not around zero. The heights are correlated as they are, so the shift with the largest overlap,
# none, wins over the right one; fft_cross_correlation, said to be the faster and smaller of the two, takes the mean off
# first and is right. The stack comes back as it was, with shifts of 0 in its metadata, and particles keep the speed of
# the drift. Nothing is said. The default method, or the mean taken off each frame before, finds the drift.
# Seen on 2026-11-30, a particle 10 nm high on a substrate, drifting by 2 lines and 3 points a frame:
#   substrate at  0 nm  fft  [[0, 0], [-2, -3], [-4, -6]]  full  [[0, 0], [-2, -3], [-4, -6]]
#   substrate at  5 nm  fft  [[0, 0], [-2, -3], [-4, -6]]  full  [[0, 0], [0, 0], [0, 0]]
#   substrate at 50 nm  fft  [[0, 0], [-2, -3], [-4, -6]]  full  [[0, 0], [0, 0], [0, 0]]
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 scikit-learn==1.9.1 \
  matplotlib==3.11.2 || exit 2
"$folder/venv/bin/python" -m pip install -q --no-deps playnano==0.5.0 || exit 2  # its windows are not needed here
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from playnano.processing.video_processing import align_frames

lines, points = np.mgrid[:64, :64]
particle = [np.exp(-((lines - 30 - 2 * frame) ** 2 + (points - 28 - 3 * frame) ** 2) / 18) for frame in range(3)]
drift = [[0, 0], [-2, -3], [-4, -6]]
found = []
for substrate in (0, 5, 50):
    stack = substrate + 10 * np.stack(particle)  # nm
    methods = "fft_cross_correlation", "full_cross_correlation"
    fft, full = (align_frames(stack, method=method)[1]["shifts"].tolist() for method in methods)
    print(f"substrate at {substrate:2} nm  fft  {fft}  full  {full}")
    assert fft == drift
    found.append(full)
sys.exit(found != [drift, [[0, 0]] * 3, [[0, 0]] * 3])
PY
