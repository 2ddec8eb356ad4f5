#!/usr/bin/env bash
# AFM-tools 2.1.4 (numpy 2.4.6): an image (.ibw) with trace and retrace of its channels is loaded with the data of the
# first in the place of both. load_ibw cuts "Trace" and "Retrace" off the labels and then takes, for each label, the
# first channel of that name. The difference of trace and retrace is 0 everywhere; the retrace is nowhere. Nothing is
# said, and labels tell nothing. With reorder_channels=False the four channels are those of the file.
# Seen on 2026-11-30, one point of each channel:
#   in the file              {'HeightTrace': 1.0, 'HeightRetrace': 2.0, 'PhaseTrace': 3.0, 'PhaseRetrace': 4.0}
#   load_ibw                 ['Height', 'Height', 'Phase', 'Phase'] [1.0, 1.0, 3.0, 3.0]
#   reorder_channels=False   ['Height', 'Height', 'Phase', 'Phase'] [1.0, 2.0, 3.0, 4.0]
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 igorwriter==0.7.1 \
  AFM-tools==2.1.4 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from afm_tools import load_ibw
from igorwriter import IgorWave5

written = {"HeightTrace": 1.0, "HeightRetrace": 2.0, "PhaseTrace": 3.0, "PhaseRetrace": 4.0}
wave = IgorWave5(np.stack([np.full((2, 2), value) for value in written.values()], axis=-1))
for place, label in enumerate(written):
    wave.set_dimlabel(2, place, label)
wave.save("image.ibw")
image = load_ibw("image.ibw")
unordered = load_ibw("image.ibw", reorder_channels=False)
found = image.data[0, 0].tolist()
print("in the file             ", written)
print("load_ibw                ", image.labels, found)
print("reorder_channels=False  ", unordered.labels, unordered.data[0, 0].tolist())
sys.exit(found != [1, 1, 3, 3])
PY
