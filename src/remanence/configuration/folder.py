"""The location of the package's ``conf`` folder."""

from pathlib import Path

import remanence


def conf_folder() -> Path:
    """Return the ``conf`` folder: it is inside an installed package, or at the top of a checkout."""
    package = Path(remanence.__file__).parent
    return package / "conf" if (package / "conf").is_dir() else package.parents[1] / "conf"
