"""Model card and data card of a run on a table."""

from collections.abc import Collection, Mapping

from remanence.configuration.configuration import Configuration
from remanence.data.opened_table import OpenedTable
from remanence.foundation.names import NETWORK
from remanence.studies.card import Cards, Section
from remanence.studies.known_rows import tested
from remanence.studies.presentation import ITS_NETWORKS, OWN
from remanence.studies.row_data_card import row_data_sections, unit_of
from remanence.studies.row_model_card import intervals, quality, trained_on, trust
from remanence.studies.table.fit import TableFit
from remanence.training.score import target_names


def table_cards(
    fitted: TableFit,
    baselines: Collection[str],
    metrics: Mapping[str, float],
    data: OpenedTable,
    cfg: Configuration,
) -> Cards:
    """Return the sections of both cards.

    Args:
        fitted: fit of the run's own model.
        baselines: names of the baselines.
        metrics: all final metrics of the run.
        data: rows and folds.
        cfg: configuration of the run.
    """
    members = 0 if fitted.members is None else len(fitted.members) // len(data.targets)
    told = trained_on(data, members)
    if fitted.network is not None:
        told.insert(1, f"A blend: the mean of the networks and of {', '.join(cfg.blend.baselines)}.")
    if cfg.augmentation.kind != "none":
        told.append("Rows were drawn around the training rows, and the network that is logged was trained on them too.")
    sections = [Section("What it is", told)]
    several = len(data.targets) > 1
    for column, target in enumerate(data.targets):
        part = f"test/{target_names(data.targets)[target]}" if several else "test"
        rows = {f"**{OWN}**": part, **{name: f"baseline/{name}/{part}" for name in baselines}}
        if fitted.network is not None:
            rows[ITS_NETWORKS] = "/".join(["test", NETWORK, *part.split("/")[1:]])
        unit = unit_of(target, data)
        covered = intervals(metrics, part, nominal=cfg.ensemble.coverage, rows=len(tested(data)), unit=unit)
        own = f" `{target}`" if several else ""
        sections += [
            Section(f"How well it predicts{own}", quality(metrics, rows, data, target)),
            Section(f"Intervals{own and ' of'}{own}", covered),
            Section(f"How far to trust it{own and ' on'}{own}", trust(metrics, fitted, data, column, part)),
        ]
    return Cards(sections, row_data_sections(data))
