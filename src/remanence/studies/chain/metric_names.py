"""The names of the metrics that a run on a chain may have, before anything is trained."""

from remanence.configuration.configuration import Configuration
from remanence.data.nested.opened_chain import OpenedChain
from remanence.studies.chain.fit import PROCESS, FittedChain
from remanence.studies.chain.scores import chain_metrics
from remanence.studies.fold_scores import stand_in


def metric_names(data: OpenedChain, cfg: Configuration) -> set[str]:
    """Return the names of all metrics that a run may have, as if every scale were blended with all it can be."""

    def fitted(seed: int) -> FittedChain:
        fits, shares = {}, {}
        for name, rows in data.rows.items():
            fits[name] = stand_in(rows, seed)
            shares[name] = {part: [0.5] * len(rows.targets) for part in (PROCESS, *cfg.baselines)}
        return FittedChain(fits, dict(fits), shares)

    return set(chain_metrics(fitted(0), {name: fitted(1) for name in cfg.baselines}, data))
