#!/usr/bin/env bash
# SciFiReaders 0.12.7 with numpy 2.4.6: its reader of Nanonis grids (.3ds, a copy of nanonispy's) fills a grid that was
# stopped with zeros, and gives the numbers of the points as positions in nm. The file holds positions in m, and has no
# value for the points that were never measured; nothing is said of either.
# Seen on 2026-11-29:
#   the fourth of four points, never measured: [0.0, 0.0, 0.0] A
#   X of the points, 10 nm apart: [0.0, 1.0] nm
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 SciFiReaders==0.12.7 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
from SciFiReaders import Nanonis3dsReader

header = {
    "Grid dim": '"2 x 2"',
    "Grid settings": "0;0;2e-8;2e-8;0",
    "Sweep Signal": '"Bias (V)"',
    "Fixed parameters": '"Sweep Start;Sweep End"',
    "Experiment parameters": '"X (m);Y (m);Z (m)"',
    "# Parameters (4 byte)": "5",
    "Experiment size (bytes)": "12",
    "Points": "3",
    "Experiment": "Grid Spectroscopy",
    "User": "",
    "Channels": '"Current (A)"',
}
text = "".join(f"{key}={value}\r\n" for key, value in header.items()) + ":HEADER_END:\r\n"
points = [[-1, 1, 1e-8 * (n % 2), 1e-8 * (n // 2), 0, 5e-12, 6e-12, 7e-12] for n in range(3)]  # of four
with open("grid.3ds", "wb") as file:
    file.write(text.encode() + np.array(points, dtype=">f4").tobytes())

(current,) = Nanonis3dsReader("grid.3ds").read()
last, x = np.asarray(current)[1, 1], current._axes[1]
print("the fourth of four points, never measured:", last.tolist(), current.units)
print("X of the points, 10 nm apart:", x.values.tolist(), x.units)
sys.exit(last.tolist() != [0, 0, 0] or x.values.tolist() != [0, 1] or x.units != "nm")
PY
