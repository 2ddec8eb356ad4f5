#!/usr/bin/env bash
# AFMReader 0.0.7 with numpy 2.4.6: an image in a Gwyddion file (.gwy) that is not square, such as a strip, is read with
# its points in other places. The file holds line after line; the reader folds them with the number of lines and the
# number of points in a line exchanged, and takes the size of a pixel from the wrong one. No warning is given.
# Seen on 2026-11-30, two lines of three points, pixels of 1000 nm:
#   in the file  [[0, 1, 2], [10, 11, 12]] nm
#   read         [[0, 1], [2, 10], [11, 12]] nm, pixels of 1500 nm
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 AFMReader==0.0.7 gwyfile==0.3.0 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import gwyfile
import numpy as np
from AFMReader.gwy import load_gwy
from gwyfile.objects import GwyContainer, GwyDataField
from loguru import logger

logger.remove()
logger.add(sys.stdout, level="WARNING", format="{message}")
height = np.array([[0, 1, 2], [10, 11, 12]]) * 1e-9  # m
content = GwyContainer()
content["/0/data/title"] = "Height"
content["/0/data"] = GwyDataField(height, xreal=3e-6, yreal=2e-6, si_unit_xy="m", si_unit_z="m")
content.tofile("strip.gwy")
written = np.rint(1e9 * gwyfile.load("strip.gwy")["/0/data"].data).astype(int).tolist()
image, pixel = load_gwy("strip.gwy", "Height")
read = np.rint(image).astype(int).tolist()
print("in the file ", written, "nm")
print("read        ", read, f"nm, pixels of {pixel:.0f} nm")
assert written == [[0, 1, 2], [10, 11, 12]]
sys.exit(read != [[0, 1], [2, 10], [11, 12]])
PY
