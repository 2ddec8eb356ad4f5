"""Rows with a large uncertainty change a model little, however it is trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_ensemble import fit as fit_stack
from small_training import make_model, make_trainer, open_data, same, weights_of

from remanence.data.module import TableModule
from remanence.models.dnn import DNN
from remanence.models.linear import Linear
from remanence.science.row_weights import row_weights
from remanence.training.fit import fit
from remanence.training.stacked.member_rows import MemberRows
from remanence.training.stacked.members import ALL_TARGETS, Member


def off(data):
    """Return the data with every third row far off and said to be so, and which rows these are."""
    wrong = np.arange(len(data.y)) % 3 == 0
    y = data.y + 6 * data.y.std(axis=0) * wrong[:, None]
    stated = np.where(wrong[:, None], 30, 0.1) * data.y.std(axis=0)
    return replace(data, y=y), replace(data, y=y, uncertainty=stated), wrong


def error(model, data, true, wrong):
    return float((np.abs(model.predict(data.x) - true) / true.std(axis=0))[~wrong].mean())


class Plain(DNN):
    """A network whose own step knows no weights."""

    def training_step(self, batch, batch_index):
        x, y = batch
        return self.row_loss(x, y).mean()


def test_a_single_network_weighs_its_rows(tmp_path):
    _, weighed, _ = off(open_data())
    module = TableModule(weighed, weighed=True)
    weights = row_weights(weighed.uncertainty, weighed.y, weighed.fold.train).mean(axis=1)

    x, y, own = (torch.cat(parts) for parts in zip(*module.train_dataloader(), strict=True))
    assert sorted(own.tolist()) == pytest.approx(sorted(weights.tolist()), rel=1e-5)
    model = make_model()
    model.prepare(*weighed.part("train"))
    model.log = lambda *given, **options: None
    assert float(model.training_step((x, y, own), 0).detach()) == pytest.approx(
        float((model.row_loss(x, y) * own).mean().detach())
    )
    assert float(model.training_step((x, y), 0).detach()) == pytest.approx(float(model.row_loss(x, y).mean().detach()))
    ((_, _, held),) = module.val_dataloader()
    assert held.mean() == pytest.approx(1)

    trained = [fit(make_model(), each, make_trainer(tmp_path / each.source.name, max_epochs=1)).model
               for each in (replace(weighed, uncertainty=None), weighed)]  # fmt: skip
    assert not same(*(weights_of(network) for network in trained))


def test_a_network_that_weighs_no_rows_says_so_and_its_stacked_members_do(tmp_path, capsys):
    data = open_data()
    alike, weighed, wrong = off(data)
    arguments = {"n_features": data.x.shape[1], "n_targets": data.y.shape[1], "hidden": [16], "lr": 0.02}

    fit(Plain(**arguments), weighed, make_trainer(tmp_path, max_epochs=1))
    assert "Plain weighs all rows alike" in capsys.readouterr().out
    stacks = [fit_stack(each, Plain(**arguments), max_epochs=30) for each in (alike, weighed)]

    errors = [error(stack.model, data, data.y, wrong) for stack in stacks]
    assert errors[1] < 0.5 * errors[0]


def test_an_estimator_weighs_its_rows():
    data = open_data()
    alike, weighed, wrong = off(data)

    arguments = {"n_features": data.x.shape[1], "n_targets": data.y.shape[1]}
    errors = [error(fit(Linear(**arguments), each).model, data, data.y, wrong) for each in (alike, weighed)]

    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("target", [ALL_TARGETS, 1])
def test_the_steps_of_a_member_have_the_weights_of_its_rows(target):
    random = np.random.default_rng(0)
    x, y = np.arange(40.0)[:, None], random.normal(size=(40, 2))
    stated = random.uniform(0.1, 3, (30, 2))  # the last ten rows were drawn: they have none of their own
    members = [
        Member(fold=0, train=np.r_[2:20, 30:36], validation=np.arange(20, 26), target=target, seed=0),
        Member(fold=0, train=np.arange(9), validation=np.arange(10, 13), target=target, seed=1),
    ]
    rows = MemberRows(x, y, members, [0, 1], batch_size=8, steps=3, device=torch.device("cpu"), dtype=torch.float64,
                      uncertainty=stated)  # fmt: skip
    whole = np.concatenate([stated, np.full((10, 2), np.nan)])

    found = [{}, {}]
    for step, inputs, _, weight in rows.epoch():
        for number in range(2):
            taken = step.rows[number]
            for row, value in zip(
                inputs[number, :taken, 0].long().tolist(), weight[number, :taken].tolist(), strict=True
            ):
                found[number][row] = value * taken

    for number, member in enumerate(members):
        weights = row_weights(whole, y, member.train)
        own = weights.mean(axis=1) if target == ALL_TARGETS else weights[:, target]
        assert found[number] == pytest.approx(dict(zip(member.train.tolist(), own.tolist(), strict=True)))
        held = row_weights(whole, y, member.validation, fitted_on=member.train)
        held = held.mean(axis=1) if target == ALL_TARGETS else held[:, target]
        size = len(member.validation)
        assert rows.validation_weight[number, :size].tolist() == pytest.approx((held / size).tolist())
        assert float(rows.validation_weight[number].sum()) == pytest.approx(1)
