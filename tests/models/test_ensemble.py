import json

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from remanence.data.columns import Columns
from remanence.foundation.trust import trusting
from remanence.models.dnn import DNN
from remanence.models.ensemble import Ensemble
from remanence.models.stacked import stack
from remanence.studies.table.logged_model import TableModel

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))
Y = np.stack([118 + 2 * X[:, 1] - 60 * X[:, 0], 420 + 24 * X[:, 1] + 450 * X[:, 0]], axis=1)
COLUMNS = Columns(["x", "lph_slope"], ["d33", "eps_r"], {}, {"d33": "pC/N"})


def network(seed, target, **arguments):
    torch.manual_seed(seed)
    columns = [0, 1] if target < 0 else [target]
    model = DNN(n_features=2, n_targets=len(columns), hidden=[6], **arguments)
    model.prepare(X, Y[:, columns])
    return model


def ensemble(targets, half_width=(4.0, np.nan), **arguments):
    """Return the networks and their ensemble."""
    networks = [network(seed, target, **arguments) for seed, target in enumerate(targets)]
    together = Ensemble.of(
        stack(networks),
        arguments=dict(networks[0].hparams),
        targets=targets,
        n_targets=2,
        half_width=half_width,
        coverage=0.9,
    )
    return networks, together


def test_the_prediction_is_the_mean_of_the_members():
    networks, together = ensemble([-1, -1, -1])

    expected = np.mean([single.predict(X) for single in networks], axis=0)
    np.testing.assert_allclose(together.predict(X), expected, rtol=1e-5)
    assert together.predict(X[:1]).shape == (1, 2)
    assert together.predict(X).dtype == np.float64


@pytest.mark.parametrize("targets", [[0, 0, 1, 1], [1, 0, 1, 1, 0]])
def test_members_of_one_target_are_averaged_for_that_target_only(targets):
    networks, together = ensemble(targets)

    for target in range(2):
        own = [single.predict(X)[:, 0] for single, chosen in zip(networks, targets, strict=True) if chosen == target]
        np.testing.assert_allclose(together.predict(X)[:, target], np.mean(own, axis=0), rtol=1e-5)


@pytest.mark.parametrize("targets", [[-1, -1, -1, -1], [0, 1, 1, 0]])
def test_the_spread_is_the_standard_deviation_over_members_within_their_groups(targets):
    networks, together = ensemble(targets)
    described = {key: value for key, value in together.hparams.items() if key not in ("member", "form")}
    grouped = Ensemble.of(together.members, **described, groups=[0, 0, 1, 1])

    for target in range(2):
        own = [number for number, chosen in enumerate(targets) if chosen in (-1, target)]
        predicted = {n: networks[n].predict(X)[:, target if targets[n] < 0 else 0] for n in own}
        everyone = np.std(list(predicted.values()), axis=0)
        groups = [[predicted[n] for n in own if n // 2 == group] for group in range(2)]
        within = np.sqrt(np.mean([np.var(group, axis=0) for group in groups if group], axis=0))
        np.testing.assert_allclose(together.spread(X)[:, target], everyone, rtol=1e-4)
        np.testing.assert_allclose(grouped.spread(X)[:, target], within, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(grouped.predict_with_spread(X)[0], grouped.predict(X))
    assert together.spread(X[:0]).shape == (0, 2)


@pytest.mark.parametrize("targets", [[-1, -1], [0, 1, 1]])
@pytest.mark.parametrize("bins", [None, 4])
def test_a_saved_ensemble_predicts_the_same_numbers_and_intervals(tmp_path, targets, bins):
    _, together = ensemble(targets, bins=bins)
    TableModel(together, COLUMNS).save(tmp_path / "model")

    loaded = TableModel.load(tmp_path / "model")

    np.testing.assert_array_equal(loaded.model.predict(X), together.predict(X))
    np.testing.assert_array_equal(loaded.model.half_width(X[:2], Y[:2]), [[4.0, np.nan]] * 2)
    assert loaded.model.hparams["coverage"] == 0.9
    assert loaded.columns == COLUMNS


def test_a_loaded_model_gives_an_interval_where_it_is_known(tmp_path):
    _, together = ensemble([-1, -1])
    TableModel(together, COLUMNS).save(tmp_path / "model")

    table = TableModel.load(tmp_path / "model").predict(pd.DataFrame(X, columns=["x", "lph_slope"]))

    assert list(table.columns) == ["d33", "eps_r", "d33_low", "d33_high"]
    np.testing.assert_allclose(table["d33_low"], table["d33"] - 4.0)
    np.testing.assert_allclose(table["d33_high"], table["d33"] + 4.0)


def test_the_description_is_plain_json_that_standard_readers_accept(tmp_path):
    _, together = ensemble([0, 1])
    TableModel(together, COLUMNS).save(tmp_path / "model")

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    text = (tmp_path / "model" / "model.json").read_text()
    assert json.loads(text, parse_constant=refuse)["arguments"]["targets"] == [0, 1]


class Scaled(nn.Module):
    """A network with a weight that is in no layer, and one that two layers share."""

    def __init__(self, *, width):
        super().__init__()
        self.hparams = {"width": width}
        self.factor = nn.Parameter(torch.randn(2))
        self.first, self.second, self.out = nn.Linear(2, width), nn.Linear(2, width), nn.Linear(width, 2)
        self.second.weight = self.first.weight

    def forward(self, x):
        z = x / 50 * self.factor
        return self.out(torch.tanh(self.first(z)) + torch.tanh(self.second(z)))


@pytest.mark.parametrize("form", ["vmap", "loop"])
def test_members_of_a_network_that_is_kept_as_it_is_are_saved_and_loaded(tmp_path, form):
    torch.manual_seed(0)
    networks = [Scaled(width=4) for _ in range(3)]
    together = Ensemble.of(
        stack(networks, form),
        arguments=networks[0].hparams,
        targets=[-1] * 3,
        n_targets=2,
        half_width=[4.0, 5.0],
        coverage=0.9,
    )
    TableModel(together, COLUMNS).save(tmp_path / "model")

    with trusting([Scaled.__module__]):
        loaded = TableModel.load(tmp_path / "model").model

    with torch.no_grad():
        expected = torch.stack([network(torch.as_tensor(X).float()) for network in networks]).mean(dim=0)
    np.testing.assert_allclose(together.predict(X), expected, rtol=1e-5)
    np.testing.assert_array_equal(loaded.predict(X), together.predict(X))
    assert loaded.members.network.second.weight is loaded.members.network.first.weight
    assert loaded.hparams["form"] == form


def test_what_is_stored_of_batched_members_is_as_it_was_before_there_were_others():
    _, together = ensemble([-1, -1], bins=4)

    assert set(together.hparams) == {"member", "arguments", "targets", "n_targets", "half_width", "coverage"}
    assert {name: tuple(value.shape) for name, value in together.state_dict().items()} == {
        "members.input_scaler.edges": (2, 1, 2, 5),
        "members.target_scaler.mean": (2, 1, 2),
        "members.target_scaler.scale": (2, 1, 2),
        "members.network.0.weight": (2, 8, 6),
        "members.network.0.bias": (2, 1, 6),
        "members.network.2.weight": (2, 6, 2),
        "members.network.2.bias": (2, 1, 2),
    }


@pytest.mark.parametrize("member", ["os.getcwd", "remanence.models.linear.Linear", "pathlib.Path"])
def test_only_networks_are_built_as_members(member):
    named = f"`member` to name a network, but got '{member}'"
    with trusting([member]), pytest.raises(TypeError, match=named):
        Ensemble(member=member, arguments={}, targets=[0], n_targets=1, half_width=[1.0], coverage=0.9)
