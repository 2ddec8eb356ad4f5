#!/usr/bin/env bash
# pymodaq_data 5.3.0 (pymodaq_utils 5.3.7, numpy 2.4.6, Pint 0.25.3): units_as converts the values of a measurement and
# its unit, and leaves the numbers of its errors, which are in the unit of the values, as they were: 1 ± 0.01 V become
# 1000 ± 0.01 mV. A product with a number leaves them too. Nothing is said.
# Seen on 2026-11-30:
#   measured   1.0 V, error 0.01 V
#   in mV      1000.0 mV, error 0.01 mV
#   times 1000 1000.0 V, error 0.01 V
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 Pint==0.25.3 pymodaq_utils==5.3.7 pymodaq_data==5.3.0 || exit 2
cd "$folder"
# The package writes settings of its own when it is imported: they go into the temporary folder, not into /etc.
export HOME="$folder"
sed -i "s#Path('/etc')#Path.home()#" venv/lib/python3*/site-packages/pymodaq_utils/config.py
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from pymodaq_data.data import DataRaw

measured = DataRaw("bias", units="V", data=[np.array([1.0])], errors=[np.array([0.01])])
found = []
for name, bias in (
    ("measured", measured),
    ("in mV", measured.units_as("mV", inplace=False)),
    ("times 1000", measured * 1000),
):
    error = bias.errors_as_dwa()  # the errors as data of their own, with their unit
    found.append((float(bias[0][0]), bias.units, float(error[0][0]), error.units))
    print("{:10} {} {}, error {} {}".format(name, *found[-1]))
sys.exit(found[1:] != [(1000, "mV", 0.01, "mV"), (1000, "V", 0.01, "V")])
PY
