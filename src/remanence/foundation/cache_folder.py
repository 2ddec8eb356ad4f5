"""The folder for what can be fetched or made again."""

import os
from pathlib import Path

VARIABLE = "REMANENCE_DATA_DIR"
"""Environment variable that names another folder."""


def cache_folder() -> Path:
    """Return the folder of fetched files and of completions: that of ``VARIABLE``, else the user's cache folder."""
    import platformdirs  # pooch takes a fifth of a second to import, and its ``os_cache`` is this function

    return Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("remanence"))
