"""Networks that Lightning trains one by one, trained beside each other: they end as Lightning leaves them."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pytorch_lightning.loggers.logger import DummyLogger
from small_training import CALLBACKS, SPLIT, TRAINER, make_model, open_data

from remanence.training.fit import fit
from remanence.training.initial_weights import FirstWeights, read_weights
from remanence.training.meeting import meet
from remanence.training.report import Pruned
from remanence.training.stacked import loaded_member, stacked_fit
from remanence.training.trainer import build_trainer


class Log(DummyLogger):
    """Keeps every value by its name and epoch, as a run does."""

    def __init__(self):
        super().__init__()
        self.values = {}

    def log_metrics(self, metrics, step=None):
        values = dict(metrics)
        epoch = int(values.pop("epoch", step or 0))
        self.values |= {(name, epoch): float(value) for name, value in values.items()}


def train(folder, *, seed=0, batch_size=8, split_seed=0, patience=5, resume_from=None, report=None, **arguments):
    """Train a network for thirty epochs; return its fit, the logged values, and what is drawn after it."""
    options = {key: arguments.pop(key) for key in ("gradient_clip_val",) if key in arguments}
    data = open_data(batch_size=batch_size, split={**SPLIT, "seed": split_seed})
    model, log = make_model(seed, **arguments), Log()
    trainer = build_trainer(
        replace(TRAINER, max_epochs=30, **options),
        replace(CALLBACKS, patience=patience, checkpoint_seconds=0.0),
        logger=log,
        checkpoints=folder,
        report=report,
    )
    fitted = fit(model, data, trainer, resume_from=resume_from)
    return SimpleNamespace(fit=fitted, values=log.values, draws=torch.rand(3).tolist(), model=fitted.model)


def together(works):
    found = {}
    meet(works, found.__setitem__)
    return [found[number] for number in range(len(works))]


def assert_equal(result, alone):
    assert (result.fit.best_epoch, result.fit.epochs) == (alone.fit.best_epoch, alone.fit.epochs)
    assert result.values.keys() == alone.values.keys()
    for key, value in alone.values.items():
        assert result.values[key] == pytest.approx(value, rel=1e-4), key
    for name, value in alone.model.state_dict().items():
        np.testing.assert_allclose(result.model.state_dict()[name], value, rtol=1e-4, atol=1e-5, err_msg=name)
    assert result.draws == alone.draws


SETTINGS = [
    {
        "seed": number,
        "lr": 0.02 * (1 + number % 3),
        "activation": ["tanh", "relu", "silu"][number % 3],
        "optimizer": ["adam", "sgd"][number % 2],
        "bins": [None, 4][number // 4 % 2],
        "batch_size": [8, 5, 7, 100][number % 4],
        "split_seed": number % 3,
    }
    for number in range(8)
]


def test_networks_end_as_lightning_trains_each_of_them_alone(tmp_path):
    works = [partial(train, tmp_path / f"t{number}", **given) for number, given in enumerate(SETTINGS)]

    found = together(works)

    for number, (result, given) in enumerate(zip(found, SETTINGS, strict=True)):
        assert_equal(result, train(tmp_path / f"a{number}", **given))
    assert max(result.fit.stack for result in found) > 1


def test_a_network_that_was_stopped_goes_on_alone_from_where_it_was(tmp_path, monkeypatch):
    run_epoch = stacked_fit._Training.run_epoch

    def stop(self):
        if self.courses[0].epoch == 7:
            raise KeyboardInterrupt
        return run_epoch(self)

    with monkeypatch.context() as patched:
        patched.setattr(stacked_fit._Training, "run_epoch", stop)
        with pytest.raises(KeyboardInterrupt):
            together([partial(train, tmp_path / str(seed), seed=seed, patience=None) for seed in (0, 1)])
    last = tmp_path / "1/last.ckpt"
    kept = read_weights(tmp_path / "1", ["best"])["best"]
    make_model().load_state_dict(kept)

    alone = train(tmp_path / "a", seed=1, patience=None)
    result = train(tmp_path / "1", seed=1, patience=None, resume_from=last)

    result.values = {**alone.values, **result.values}  # the epochs before were logged before
    assert_equal(result, alone)
    best = read_weights(tmp_path / "1", ["best"])["best"]
    np.testing.assert_array_equal(best["network.0.weight"], result.model.network[0].weight.detach())


def test_a_report_prunes_its_own_network(tmp_path):
    def pruned():
        try:
            return train(tmp_path / "p", report=lambda metrics, epoch: epoch == 3 and "val/mse" in metrics)
        except Pruned as error:
            return error.epochs

    epochs, other = together([pruned, partial(train, tmp_path / "o", seed=1)])

    assert epochs == 4
    assert_equal(other, train(tmp_path / "a", seed=1))


def test_what_lightning_does_otherwise_is_left_to_lightning(tmp_path, monkeypatch):
    def never(*arguments):
        raise AssertionError("trained as a member")

    monkeypatch.setattr(loaded_member, "fit_trainings", never)
    clipped = partial(train, tmp_path / "c", gradient_clip_val=0.1)

    assert_equal(together([clipped])[0], train(tmp_path / "a", gradient_clip_val=0.1))

    def forked():
        data, model = open_data(), make_model()
        trainer = build_trainer(TRAINER, CALLBACKS, logger=None, checkpoints=tmp_path / "f")
        trainer.callbacks.insert(0, FirstWeights(model.state_dict()))
        return loaded_member.joins_others(model, data, trainer, None)

    assert together([forked]) == [False]
