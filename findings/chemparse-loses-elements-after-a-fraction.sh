#!/usr/bin/env bash
# chemparse 0.3.2: a formula with amounts such as 1/3 is read up to the first of them; the elements behind it are
# lost, and the amount itself counts as 1. Nothing is raised.
# Seen on 2026-11-28, for lead magnesium niobate:
#   PbMg1/3Nb2/3O3 {'Pb': 1.0, 'Mg': 1.0}
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q chemparse==0.3.2 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import chemparse

read = chemparse.parse_formula("PbMg1/3Nb2/3O3")
print("PbMg1/3Nb2/3O3", read)
sys.exit(read != {"Pb": 1.0, "Mg": 1.0})
PY
