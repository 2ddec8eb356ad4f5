"""Texts that the reports and figures of all studies share."""

from collections.abc import Mapping

from remanence.foundation.terminal import console
from remanence.studies.kind import Opened
from remanence.tracking.run import Run


def marked(text: str, data: Opened) -> str:
    """Return a heading; if the data are simulated, the heading says so."""
    return f"{text} (synthetic data)" if data.synthetic else text


def with_spread(metrics: Mapping[str, float], key: str, *spreads: str) -> str:
    """Return a metric as text, with ± the first of ``spreads`` that is known; – if the metric is unknown."""
    if key not in metrics:
        return "–"
    spread = next((metrics[name] for name in spreads if name in metrics), None)
    return f"{metrics[key]:.4g}" + (f" ± {spread:.2g}" if spread is not None else "")


def print_whereabouts(tracked: Run, name: str) -> None:
    """Print where the finished run ``name`` can be viewed."""
    console.print(f"run      {name}  {tracked.id}")
    console.print(f"figures  {tracked.folder / 'figures'}")
    console.print("compare  remanence ui   (or: make ui)")
