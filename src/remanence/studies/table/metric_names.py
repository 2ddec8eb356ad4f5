"""The names of the metrics that a run on a table may have, before anything is trained."""

from remanence.configuration.configuration import Configuration
from remanence.data.opened_table import OpenedTable
from remanence.studies.fold_scores import all_metrics, stand_in
from remanence.studies.table.scores import network_metrics, noise_floors

DRAWN = ("base/*", "agreement/*", "augmentation/*")
"""Patterns of the metrics that a second training on drawn rows adds."""


def metric_names(data: OpenedTable, cfg: Configuration) -> set[str]:
    """Return the names, and patterns with ``*`` where a name is not known, of all metrics that a run may have."""
    baselines = {name: stand_in(data, 1) for name in cfg.baselines}
    known = set(all_metrics(stand_in(data, 0), baselines, data)) | set(noise_floors(data))
    if cfg.blend.baselines:
        known |= set(network_metrics(stand_in(data, 0), data))
    return known if cfg.augmentation.kind == "none" else known | set(DRAWN)
