"""Model card and data card of a run of a chain."""

from collections.abc import Collection, Mapping

from remanence.configuration.configuration import Configuration
from remanence.data.nested.opened_chain import OpenedChain
from remanence.studies.card import Cards, Section
from remanence.studies.chain.fit import PROCESS, FittedChain
from remanence.studies.chain.scores import NETWORK
from remanence.studies.known_rows import tested
from remanence.studies.presentation import ITS_NETWORKS, OWN
from remanence.studies.row_data_card import row_data_sections, unit_of
from remanence.studies.row_model_card import intervals, quality, trained_on, trust
from remanence.training.score import target_names


def chain_cards(
    fitted: FittedChain,
    baselines: Collection[str],
    metrics: Mapping[str, float],
    data: OpenedChain,
    cfg: Configuration,
) -> Cards:
    """Return the sections of both cards, those of the finest scale first.

    Args:
        fitted: fit of every scale.
        baselines: names of the baselines.
        metrics: all final metrics of the run.
        data: rows of each scale.
        cfg: configuration of the run.
    """
    chain = " → ".join(data.rows)
    told = [f"A chain of {len(data.rows)} scales, {chain}: each is trained on its own rows, on top of the finer ones."]
    if data.scalers == "all":
        told.append("**z-scores are learnt from all rows, also from those that are tested** (`data.scalers=all`).")
    sections, known = [Section("What it is", told)], []
    for name, on_scale in data.rows.items():
        fit = fitted.fits[name]
        members = 0 if fit.members is None else len(fit.members) // len(on_scale.targets)
        own = trained_on(on_scale, members)
        if name in fitted.networks:
            parts = ["a Gaussian process" if part == PROCESS else f"`{part}`" for part in fitted.shares[name]]
            own.insert(1, f"Networks and {' and '.join(parts)} predict together.")
        sections.append(Section(f"Scale {name}", own))
        for column, target in enumerate(on_scale.targets):
            part = f"{name}/{target_names(on_scale.targets)[target]}" if len(on_scale.targets) > 1 else name
            rows = {f"**{OWN}**": f"test/{part}"}
            rows |= {baseline: f"baseline/{baseline}/test/{part}" for baseline in baselines}
            rows[ITS_NETWORKS] = f"test/{part.replace(name, f'{name}/{NETWORK}', 1)}"
            unit = unit_of(target, on_scale)
            covered = intervals(
                metrics, f"test/{part}", nominal=cfg.ensemble.coverage, rows=len(tested(on_scale)), unit=unit
            )
            judged = [*covered, *trust(metrics, fit, on_scale, column, f"test/{part}")]
            sections += [
                Section(f"{name}: how well it predicts `{target}`", quality(metrics, rows, on_scale, target)),
                Section(f"{name}: how far to trust it", judged),
            ]
        known += row_data_sections(on_scale, named=name)
    return Cards(sections, known)
