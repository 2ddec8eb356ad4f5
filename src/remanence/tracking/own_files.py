"""The files that remanence writes into the folder of a run; whatever else lies there is the user's."""

import re
from collections.abc import Iterator
from pathlib import Path

from remanence.tracking.record import FILE

CARDS = ("model_card.md", "data_card.md")
"""Names of the model card and of the data card."""
WRITTEN = {
    "": ("config.yaml", "environment.txt", "git.diff", "traceback.txt", "sweep.txt", "search_space.yaml", *CARDS, FILE),
    "checkpoints": (".ckpt",),
    "known_rows": (".parquet",),
    "figures": (".png", ".pdf", ".svg", ".html"),
    "tables": (".csv", ".md", ".parquet"),
    "movies": (".mp4", ".gif"),
    "model": (
        *("MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt"),
        *("input_example.json", "serving_input_example.json"),
    ),
    "model/data/remanence_model": (".safetensors", ".json", ".skops"),
}
"""Folder of a run, relative to the run's own, to the names or endings of what is written there."""
RESUMED = re.compile(r"environment\.resumed-\d+\.txt|git\.resumed-\d+\.diff")
"""Names of what a resumed run finds changed, beside the files of its first part."""


def own_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a run's folder that remanence wrote; links and files of other names are left out."""
    for place, endings in WRITTEN.items():
        pattern = "**/*" if place.startswith("model/") else "*"  # the members of an ensemble have folders of their own
        for path in sorted((folder / place).glob(pattern)) if (folder / place).is_dir() else ():
            is_whole_name = place in ("", "model")
            is_own = path.name in endings if is_whole_name else path.name.endswith(endings)
            is_own = is_own or (not place and RESUMED.fullmatch(path.name) is not None)
            if is_own and path.is_file() and not path.is_symlink():
                yield path


def remove(files: list[Path]) -> None:
    """Remove files, and the folders of their runs that are empty then."""
    for path in files:
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder.name in ("runs", "sweeps", "") or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
