#!/usr/bin/env bash
# nexusformat 2.1.0 (numpy 2.4.6, h5py 3.14.0): an NXdata group keeps a signal and its errors. transpose() gives a group
# without errors (project((1, 0)), which orders the axes the same way, keeps them), and division by a group that has no
# errors of its own, such as a calibration, leaves the errors in the old scale. Division by the same number scales them.
# Nothing is said.
# Seen on 2026-11-30, one count of each group:
#   measured                     100.0, error 10.0
#   transpose()                  100.0, error None
#   divided by the number 2      50.0, error 5.0
#   divided by a group of twos   50.0, error 10.0
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


def group(value, errors=None):
    axes = NXfield(np.arange(2.0), name="y"), NXfield(np.arange(3.0), name="x")
    return NXdata(NXfield(np.full((2, 3), value), name="counts"), axes, errors=errors)


measured = group(100.0, NXfield(np.full((2, 3), 10.0), name="counts_errors"))
found = []
for name, data in (
    ("measured", measured),
    ("transpose()", measured.transpose()),
    ("divided by the number 2", measured / 2),
    ("divided by a group of twos", measured / group(2.0)),
):
    value = float(data.nxsignal.nxdata[0, 0])
    error = None if data.nxerrors is None else float(data.nxerrors.nxdata[0, 0])
    found.append((value, error))
    print(f"{name:28} {value}, error {error}")
sys.exit(found != [(100, 10), (100, None), (50, 5), (50, 10)])
PY
