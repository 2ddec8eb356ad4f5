"""The style sheet of all figures, and a sheet of the user on top of it."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib import style
from matplotlib.figure import Figure

from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line

HOUSE = Path(__file__).with_name("house.mplstyle")


@contextmanager
def styled(own: str | None = None) -> Iterator[None]:
    """Draw and save figures inside the block in the house's style, whatever the settings of matplotlib are outside.

    Args:
        own: path of a style sheet of the user, whose settings replace those of the house.
    """
    sheets = [str(HOUSE)] if own is None else [str(HOUSE), str(Path(own).absolute())]
    with style.context(sheets, after_reset=True):
        yield


def check_style(key: str, path: str) -> None:
    """Check a style sheet of the user, by drawing a small figure with it.

    Args:
        key: key of the configuration that names the sheet, for the message.
        path: path of the sheet.

    Raises:
        ConfigurationError: if there is no such file, matplotlib does not understand a line of it, or a line sets
            something that is no style, such as ``backend``.
    """
    if not Path(path).is_file():
        raise ConfigurationError(f"{key}: {path}: no such file")
    complaints = _complaints(str(Path(path).absolute()))
    if complaints:
        told = complaints[0].strip().splitlines()[0]
        raise ConfigurationError(f"{key}: {told[:1].lower()}{told[1:]}")
    try:
        with styled(path):
            figure = Figure()
            figure.subplots().set_title("$x$")
            figure.draw_without_rendering()
    except Exception as error:  # a sheet may ask for LaTeX, which may not be there
        raise ConfigurationError(f"{key}: {path}: {first_line(error)}") from None


def _complaints(path: str) -> list[str]:
    """Return what matplotlib says about the lines of a sheet; of most it only tells its logger."""
    found: list[str] = []

    def collect(record: logging.LogRecord) -> bool:
        found.append(record.getMessage())
        return False

    logger = logging.getLogger("matplotlib")
    logger.addFilter(collect)
    try:
        settings = mpl.rc_params_from_file(path, use_default_template=False)
    except (OSError, UnicodeDecodeError) as error:
        return [f"{path}: {error}"]
    finally:
        logger.removeFilter(collect)
    with mpl.rc_context(), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        style.use(settings)  # type: ignore[arg-type]  # RcParams is a dictionary, with keys of its own
    found += [f"{path}: {each.message}" for each in told if each.category is UserWarning]
    return found
