#!/usr/bin/env bash
# igor2 0.5.15 with numpy 2.4.6: the labels of a wave (.ibw) are texts of 32 bytes that end at the first zero byte; Igor
# leaves behind it what stood there before. igor2 removes the zero bytes and keeps the rest, so that a channel called
# PhaseRetrace, which was called AmplitudeRetrace before, is read under a name that nobody gave it.
# Seen on 2026-11-29:
#   label in the file: PhaseRetrace; label that is read: PhaseRetracerace
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 igor2==0.5.15 igorwriter==0.7.1 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from igor2 import binarywave
from igorwriter import IgorWave5

wave = IgorWave5(np.zeros((2, 2, 1)))
wave.set_dimlabel(2, 0, "AmplitudeRetrace")
wave.save("image.ibw")
with open("image.ibw", "rb") as file:
    content = file.read()
with open("image.ibw", "wb") as file:  # as Igor writes a shorter label over a longer one
    file.write(content.replace(b"AmplitudeRetrace\0", b"PhaseRetrace\0race"[:17]))
label = binarywave.load("image.ibw")["wave"]["labels"][2][-1].decode()
print(f"label in the file: PhaseRetrace; label that is read: {label}")
sys.exit(label == "PhaseRetrace")
PY
