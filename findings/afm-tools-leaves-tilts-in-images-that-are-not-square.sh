#!/usr/bin/env bash
# AFM-tools 2.1.4 (numpy 2.4.6): fit_background counts lines where it fits as many points, and the other way round, so
# that of an image that is not square another surface is taken off than the one it lies on: a tilted plane keeps heights
# that are not there. Square images are right. Nothing is said. flatten_plane is right for both.
# Seen on 2026-11-30, largest less smallest height of a tilted plane, after fit_background, after flatten_plane:
#   128 lines of 128 points  635.0 nm, 0.0 nm, 0.0 nm
#   128 lines of 256 points  891.0 nm, 189.0 nm, 0.0 nm
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 AFM-tools==2.1.4 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from afm_tools import fit_background, flatten_plane

found = []
for count in (128, 256):
    lines, points = np.mgrid[:128, :count]
    image = 2.0 * points + 3.0 * lines  # nm
    images = image, fit_background(image, degrees=(1, 1))[0], flatten_plane(image)
    found.append([round(float(np.ptp(heights)), 1) for heights in images])
    print("128 lines of {} points  {} nm, {} nm, {} nm".format(count, *found[-1]))
sys.exit(found[0][1] != 0 or found[1][1] < 100)
PY
