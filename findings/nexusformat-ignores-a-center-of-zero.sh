#!/usr/bin/env bash
# nexusformat 2.1.0 (numpy 2.4.6, h5py 3.14.0): NXdata.moment(order, center) takes the center of mass instead where the
# center that was asked for is 0, such as the second moment of a spectrum about the zero of its own axis (no energy
# loss, no bias). Any other center is taken as given. Nothing is said.
# Seen on 2026-11-30, second moment of the counts 1, 2, 1 at 0, 1, 2 meV:
#   about 0      0.5
#   about 1e-12  1.5
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 scipy==1.17.1 h5py==3.14.0 hdf5plugin==7.1.0 \
  nexusformat==2.1.0 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from nexusformat.nexus import NXdata, NXfield

energies = NXfield(np.array([0.0, 1.0, 2.0]), name="energy", units="meV")
spectrum = NXdata(NXfield(np.array([1.0, 2.0, 1.0]), name="counts"), energies)
moments = []
for center in (0.0, 1e-12):
    moments.append(round(float(spectrum.moment(2, center=center)), 6))
    print(f"about {center:<6g} {moments[-1]}")
sys.exit(moments != [0.5, 1.5])
PY
