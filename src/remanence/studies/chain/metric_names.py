"""The names of the metrics that a run on a chain may have, before anything is trained."""

from types import SimpleNamespace

from remanence.configuration.configuration import Configuration
from remanence.data.nested.opened_chain import OpenedChain
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.scores import chain_metrics
from remanence.studies.fold_scores import stand_in


def metric_names(data: OpenedChain, cfg: Configuration) -> set[str]:
    """Return the names of all metrics that a run may have, as if every scale were blended with a Gaussian process."""

    def fitted(seed: int) -> FittedChain:
        fits = {}
        for name, rows in data.rows.items():
            blended = SimpleNamespace(hparams={"weights": [0.5] * len(rows.targets)})
            fits[name] = stand_in(rows, seed, blended)
        return FittedChain(fits, dict(fits))

    return set(chain_metrics(fitted(0), {name: fitted(1) for name in cfg.baselines}, data))
