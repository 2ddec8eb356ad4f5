"""The package as it was at an earlier commit, unpacked beside today's, so that both can take turns."""

import io
import subprocess
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def unpack(commit: str, folder: Path) -> Path:
    """Write the package of a commit below a folder."""
    archive = subprocess.run(["git", "-C", str(REPOSITORY), "archive", commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder
