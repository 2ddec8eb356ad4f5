from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from small_chain_data import HEAD, MEMBERS, NETWORKS, ONE, SPLIT, fit, make_scales, open_chain, same, weights_of

from remanence.data.nested.chain import Chain
from remanence.models.ensemble import Ensemble
from remanence.training.meeting import meet
from remanence.training.score import score_folds

SCALES = ["fine", "middle", "coarse"]


@pytest.fixture(scope="module")
def data():
    return open_chain()


@pytest.fixture(scope="module")
def fitted(data):
    return fit(data)


def test_every_scale_is_scored_on_rows_that_it_has_not_seen(data, fitted):
    assert list(fitted.fits) == SCALES
    for name, on_scale in data.rows.items():
        metrics = score_folds(fitted.fits[name], on_scale.targets, on_scale.y)
        for part in ("train", "val", "test"):
            assert np.isfinite([metrics[f"{part}/mae"], metrics[f"{part}/pooled_r2"]]).all()
        tested = np.concatenate([fold.predicted["test"][0] for fold in fitted.fits[name].folds])
        np.testing.assert_array_equal(np.sort(tested), np.arange(120))
        assert len(fitted.fits[name].members) == MEMBERS
        assert isinstance(fitted.ensemble(name), Ensemble)
    assert fitted.epochs == 9
    assert fitted.networks == {}


def test_members_of_joined_scales_train_on_the_same_samples(data, fitted):
    first = fitted.fits["fine"].members

    for name in SCALES[1:]:
        for fold, other in zip(data.rows["fine"].folds, data.rows[name].folds, strict=True):
            np.testing.assert_array_equal(fold.test, other.test)
        members = fitted.fits[name].members
        assert members[["fold", "validated_on", "seed"]].equals(first[["fold", "validated_on", "seed"]])


@pytest.mark.parametrize(("coarser", "finer"), [("middle", "fine"), ("coarse", "fine"), ("coarse", "middle")])
def test_every_member_stands_on_the_finer_member_of_its_number(fitted, coarser, finer):
    own, below = weights_of(fitted, finer), weights_of(fitted, coarser, of=finer)

    assert same(below, own)
    assert len(own["encoder.0.weight"]) == MEMBERS
    assert not any(weight.requires_grad for weight in fitted.fits[coarser].stacked.scales[finer].parameters())


def test_a_finer_scale_does_not_notice_what_stands_on_it(data, fitted):
    by_itself = open_chain(make_scales(names=["fine"]))
    by_itself.rows["fine"].folds, by_itself.rows["fine"].rows = data.rows["fine"].folds, data.rows["fine"].rows

    alone = fit(by_itself)

    assert same(weights_of(alone, "fine"), weights_of(fitted, "fine"))
    for part in ("train", "val", "test"):
        for fold, other in zip(alone.fits["fine"].folds, fitted.fits["fine"].folds, strict=True):
            np.testing.assert_array_equal(fold.predicted[part][1], other.predicted[part][1])
    for fold, other in zip(alone.fits["fine"].folds, fitted.fits["fine"].folds, strict=True):
        np.testing.assert_array_equal(fold.half_width, other.half_width)


def test_a_seed_gives_the_same_chain_whatever_was_drawn_before():
    data = open_chain(make_scales(names=["fine", "middle"]), split=ONE)

    first = weights_of(fit(data), "middle")
    torch.manual_seed(99)
    np.random.seed(99)

    assert same(weights_of(fit(data), "middle"), first)
    assert not same(weights_of(fit(data, seed=1), "middle"), first)


def test_losses_are_logged_for_each_scale():
    logged = []

    fit(open_chain(split=ONE), max_epochs=2, log=lambda metrics, epoch: logged.append((epoch, set(metrics))))

    assert logged == [(epoch, {f"train/{s}/loss", f"val/{s}/loss"}) for s in SCALES for epoch in range(2)]


@pytest.mark.parametrize(("fewer", "more"), [("fine", "middle"), ("middle", "fine")])
def test_scales_may_have_different_numbers_of_members(fewer, more):
    data = open_chain(make_scales(names=["fine", "middle"]))
    data.rows[fewer].folds = data.rows[fewer].folds[:1]

    fitted = fit(data)

    assert [len(fitted.fits[name].members) for name in (fewer, more)] == [2, 4]
    own, below = weights_of(fitted, "fine"), weights_of(fitted, "middle", of="fine")
    for name, value in below.items():
        for member in range(len(value)):
            assert value[member].equal(own[name][member % len(own[name])])


@pytest.mark.parametrize("targets", [["y"], ["y", "x5", "x6"]])
def test_the_reference_is_the_member_with_the_lowest_validation_loss(targets):
    scales = make_scales(names=["fine"], fine={"heads": {"all": HEAD | {"columns": targets}}})

    fitted = fit(open_chain(scales))

    members = fitted.fits["fine"].members
    assert len(members) == MEMBERS * len(targets)
    assert fitted.reference("fine") == fitted.fits["fine"].history["val/loss"][1].min(axis=0).argmin()
    members.loc[members["member"] == 2, "val_loss"] = 0.0
    assert fitted.reference("fine") == 2


def test_a_scale_may_be_trained_in_its_own_way():
    plain = fit(open_chain(split=ONE))
    own, shorter = (
        fit(open_chain(make_scales(middle={"training": {"lr": 1e-30, "max_epochs": epochs}}), split=ONE))
        for epochs in (5, 1)
    )

    assert [len(own.fits[name].history["val/loss"][0]) for name in SCALES] == [3, 5, 3]
    assert own.epochs == 11
    assert same(weights_of(own, "fine"), weights_of(plain, "fine"))
    first = weights_of(shorter, "middle")
    for name, value in weights_of(own, "middle").items():
        torch.testing.assert_close(value, first[name])  # as it began: so small are its steps
    assert not same(weights_of(own, "coarse"), weights_of(plain, "coarse"))


def test_a_batch_size_of_a_scale_takes_the_place_of_that_of_the_data():
    names, own = ["fine", "middle"], {"training": {"batch_size": 8}}

    whole = fit(open_chain(make_scales(names=names), batch_size=8, split=ONE))
    named = fit(open_chain(make_scales(names=names, every=own), batch_size=60, split=ONE))
    mixed = fit(open_chain(make_scales(names=names, fine=own), batch_size=60, split=ONE))

    assert all(same(weights_of(named, scale), weights_of(whole, scale)) for scale in names)
    assert same(weights_of(mixed, "fine"), weights_of(whole, "fine"))
    assert not same(weights_of(mixed, "middle"), weights_of(whole, "middle"))


@pytest.mark.parametrize("everywhere", [False, True])
def test_scalers_know_the_rows_that_they_may_know(data, fitted, everywhere):
    fitted = fit(data, scale_on_all=True) if everywhere else fitted

    for name, on_scale in data.rows.items():
        members = fitted.fits[name].members
        network, own = fitted.fits[name].stacked, on_scale.layout["blocks"][name]
        x = torch.as_tensor(on_scale.x).float()
        with torch.no_grad():
            latents = network.parent_latents(x.expand(MEMBERS, *x.shape)).numpy()
        for number, validated in enumerate(members["validated_on"]):
            validation = np.array(validated.split(), dtype=int)
            fitting = on_scale.folds[members["fold"][number]].fitting
            rows = np.arange(120) if everywhere else np.setdiff1d(fitting, validation)
            known = {
                network.last.input_scaler: on_scale.x[rows][:, own],
                network.last.target_scalers["y"]: on_scale.y[rows],
                network.last.parent_scaler: latents[number][rows],
            }
            for scaler, values in known.items():
                np.testing.assert_allclose(scaler.mean[number, 0], values.mean(axis=0), rtol=1e-4, atol=1e-4)
                np.testing.assert_allclose(scaler.scale[number, 0], values.std(axis=0), rtol=1e-4)


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    """A cell of two properties on a film, which has a category to learn, and a layer, which has one as an input."""
    folder = tmp_path_factory.mktemp("device")
    random = np.random.default_rng(0)
    film = {"film": np.arange(60), "a": random.normal(0, 1, 60), "phase": random.choice(["cubic", "hexagonal"], 60)}
    film["gap"] = film["a"] ** 2 + (film["phase"] == "cubic")
    layer = {"layer": list("pqrstuvw"), "thickness": random.uniform(10, 90, 8), "kind": list("TTSSTTSS")}
    layer["mobility"] = layer["thickness"] ** 0.5
    cell = {"film": random.permutation(60), "layer": random.choice(layer["layer"], 60), "area": random.normal(1, 1, 60)}
    cell["pce"] = film["gap"][cell["film"]] + cell["area"]
    cell["voc"] = 0.5 * cell["pce"] + 2
    for name, table in {"film": film, "layer": layer, "cell": cell}.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.csv", index=False)
    phase = {"kind": "classification", "columns": ["phase"], "hidden": []}
    scales = {
        "film": {"inputs": ["a"], "heads": {"gap": HEAD | {"columns": ["gap"]}, "phase": phase}},
        "layer": {"inputs": ["thickness", "kind"], "heads": {"mobility": HEAD | {"columns": ["mobility"]}}},
        "cell": {"inputs": ["area"], "heads": {"both": HEAD | {"columns": ["pce", "voc"]}}},
    }
    scales["cell"] |= {"parents": ["film", "layer"], "join": {"film": "film", "layer": "layer"}}
    tables = {name: {"path": str(folder / f"{name}.csv")} for name in scales}
    tables["layer"]["categorical"] = ["kind"]
    described = {name: {**NETWORKS, "data": name, "latent_dim": 2, **scale} for name, scale in scales.items()}
    data = Chain(scales=described, tables=tables, split=SPLIT).open()
    return data, fit(data, max_epochs=30, model={"lr": 0.05})


def test_a_tree_of_tables_of_different_lengths_is_trained(device):
    data, fitted = device

    assert list(fitted.fits) == ["film", "layer", "cell"]
    assert [len(on_scale.x) for on_scale in data.rows.values()] == [60, 8, 60]
    assert all(same(weights_of(fitted, "cell", of=name), weights_of(fitted, name)) for name in ("film", "layer"))
    assert fitted.fits["cell"].model.predict(data.rows["cell"].x).shape == (60, 2)
    metrics = score_folds(fitted.fits["cell"], data.rows["cell"].targets, data.rows["cell"].y)
    assert metrics["train/r2"] > 0.5


def test_a_category_is_learnt_from_the_latents(device):
    data, fitted = device
    on_scale, network = data.rows["film"], fitted.fits["film"].stacked

    x = torch.as_tensor(on_scale.x).float().expand(MEMBERS, *on_scale.x.shape)
    with torch.no_grad():
        logits = network.last.heads["phase"](network.encode(x)).mean(dim=0)
    assert logits.shape == (60, 2)
    labels = on_scale.learnt[:, on_scale.layout["heads"]["phase"]]
    entropy = -(torch.as_tensor(labels) * logits.log_softmax(dim=1)).sum(dim=1).mean()
    assert entropy < -(labels.mean(axis=0) * np.log(labels.mean(axis=0))).sum()  # that of the shares alone


CHAINS = {
    "learning rates, decays and seeds": [{"model": {"lr": 0.03, "weight_decay": 0.1}, "seed": 3}, {"seed": 5}],
    "optimizers": [{"model": {"optimizer": "adam"}}, {}, {"model": {"optimizer": "adam", "lr": 0.01}}],
    "losses, weights and penalties": [
        {"scales": {"every": {"heads": {"y": {**HEAD, "loss": "huber", "weight": 2.0}}}}},
        {"scales": {"every": {"regularizers": {"l1": 1e-3, "l2": 1e-3, "correlation": 0.1}}}},
    ],
    "activations": [
        {"scales": {"every": {"encoder": {"hidden": [6], "activation": "tanh", "output": "tanh"}}}},
        {"scales": {"every": {"encoder": {"hidden": [6], "activation": "silu", "dropout": 0.3}}}},
    ],
    "variational scales": [
        {"scales": {"every": {"encoder": {"hidden": [6], "variational": True}}}, "seed": number} for number in (1, 2)
    ],
    "fine-tuning": [{"model": {"fine_tune_epochs": 2, "fine_tune_lr": rate}} for rate in (1e-3, 1e-2)],
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_that_train_together_end_as_each_of_them_alone(name):
    def one(given):
        arguments = {key: value for key, value in given.items() if key != "scales"}
        return fit(open_chain(make_scales(**given.get("scales", {}))), **arguments)

    settings, found = [{}, *CHAINS[name]], {}

    meet([partial(one, given) for given in settings], found.__setitem__)

    stacks = [found[number].fits["coarse"].stack for number in range(len(settings))]
    assert max(stacks) > 1
    for number, given in enumerate(settings):
        alone = one(given)
        for scale in SCALES:
            own, wanted = weights_of(found[number], scale), weights_of(alone, scale)
            for key, value in wanted.items():
                np.testing.assert_allclose(own[key], value, rtol=1e-3, atol=1e-5, err_msg=f"{number} {scale} {key}")
            losses = [chain.fits[scale].history["val/loss"][1] for chain in (found[number], alone)]
            np.testing.assert_allclose(*losses, rtol=1e-4)
