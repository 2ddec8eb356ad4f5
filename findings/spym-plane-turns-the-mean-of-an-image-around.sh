#!/usr/bin/env bash
# spym 0.9.2 (numpy 2.4.6, xarray 2026.9.0): plane() takes a line off along each axis of an image, and each of the two
# lines holds the mean, which is taken off twice: an image keeps its mean with the sign turned. A current of +5 nA on a
# tilted background becomes -5 nA; the background that is reported is too large by the mean. Nothing is said.
# Seen on 2026-11-30, a plane of 4 x 4 points:
#   mean before      5.0 nA
#   mean after       -5.0 nA
#   mean background  10.0 nA
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 xarray==2026.9.0 \
  matplotlib==3.11.2 hvplot==0.12.2 spym==0.9.2 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
import spym  # noqa: F401, it gives images their .spym
import xarray as xr

lines, points = np.mgrid[:4, :4] - 1.5
image = xr.DataArray(5 + 0.1 * points + 0.2 * lines, dims=("y", "x"), attrs={"units": "nA"})
means = [round(float(image.mean()), 6)]
image.spym.plane()
means += [round(float(image.mean()), 6), round(float(image.spym.background.mean()), 6)]
for name, mean in zip(("before", "after", "background"), means):
    print(f"mean {name:11} {mean} nA")
sys.exit(means != [5, -5, 10])
PY
