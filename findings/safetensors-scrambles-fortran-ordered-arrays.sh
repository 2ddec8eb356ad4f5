#!/usr/bin/env bash
# safetensors 0.8.0 with numpy 2.4.6: safetensors.numpy.save_file writes the memory of a Fortran-ordered array as if it
# were in C order. What is loaded has the right shape and type and scrambled values; nothing is said.
# Seen on 2026-11-28:
#   saved  [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
#   loaded [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]]
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 safetensors==0.8.0 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

spectra = np.asfortranarray(np.arange(6.0).reshape(2, 3))  # as np.loadtxt(...).T, or a column of scipy.io.loadmat
save_file({"spectra": spectra}, "spectra.safetensors")
loaded = load_file("spectra.safetensors")["spectra"]
print("saved ", spectra.tolist())
print("loaded", loaded.tolist())
sys.exit(loaded.tolist() != [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]])
PY
