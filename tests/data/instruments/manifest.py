"""What each file of this folder is, who wrote it, and its SHA-256.

In tests/data: ``python -m instruments.manifest`` writes the sums again.
"""

import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parent
MANIFEST = FOLDER / "manifest.json"
WRITERS = {
    "bglib_": "BGlib 0.0.6",
    "nsid_": "pyNSID 0.0.7.2",
    ".ibw": "igorwriter 0.7.1",
    ".gwy": "gwyfile 0.3.0",
    ".hspy": "HyperSpy 2.5.0",
    ".nxs": "nexusformat 2.1.0",
    ".npy": "numpy 2.4.6",
    ".npz": "numpy 2.4.6",
    ".mat": "scipy 1.17.1",
    ".csv": "pandas 3.1.1",
    ".h5": "pyUSID 0.0.12",
}
"""Beginning or ending of a name to the software that wrote the file; the first one that fits."""


def writer_of(name):
    """Return the software that wrote a file."""
    return next(writer for part, writer in WRITERS.items() if name.startswith(part) or name.endswith(part))


def sha256(path):
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_files():
    """Return every file of the folder that is data."""
    endings = tuple(part for part in WRITERS if part.startswith("."))
    return sorted(path for path in FOLDER.iterdir() if path.name.endswith(endings))


if __name__ == "__main__":
    entries = {path.name: {"writer": writer_of(path.name), "sha256": sha256(path)} for path in data_files()}
    MANIFEST.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
