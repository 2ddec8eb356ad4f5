"""A fitted chain and what comes back when it is loaded."""

import mlflow
import numpy as np
import pandas as pd
import pytest

from remanence.data.nested.multiscale import Multiscale
from remanence.errors import DataError
from remanence.models.nested_ae import NestedAE
from remanence.studies.chain.fit import fit_chain
from remanence.studies.chain.log_model import log_chain
from remanence.studies.chain.logged_model import ChainMeaning, ChainModel
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.stacked.stacked_training import Schedule

HEAD = {"y": {"kind": "regression", "columns": ["y"], "hidden": [4]}}
SCALES = {
    "fine": {"data": "fine", "inputs": ["x0", "x1", "x2"], "latent_dim": 3, "heads": HEAD},
    "middle": {"data": "middle", "inputs": ["x0", "x1"], "latent_dim": 2, "heads": HEAD, "gaussian_process": True,
               "parents": ["fine"], "join": {"fine": "sample"}},
    "coarse": {"data": "coarse", "inputs": ["x0"], "latent_dim": 2, "heads": HEAD,
               "parents": ["middle", "fine"], "join": {"middle": "sample", "fine": "sample"}},
}  # fmt: skip
SPLIT = {"kind": "kfold", "folds": 2, "repeats": 1, "validation": 0.2, "bins": 2, "seed": 0}


@pytest.fixture(scope="module")
def fitted():
    """A chain of three scales, the last on both others, trained for three epochs."""
    data = Multiscale(scales=SCALES, split=SPLIT, rows=40).open()
    trainer = StackedTrainer(
        schedule=Schedule(max_epochs=3, batch_size=16),
        folds=2,
        repeats=1,
        per_target=False,
        coverage=0.9,
        seed=0,
        log=lambda metrics, epoch: None,
    )
    model = NestedAE(scales=SCALES, **data.shape)
    return data, fit_chain(model, data, trainer)


@pytest.fixture
def loaded(fitted, client, outputs):
    """What is loaded of the run that the chain was logged to."""
    data, chain = fitted
    uri = f"sqlite:///{outputs}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    experiment = client.create_experiment("nested", artifact_location=str(outputs / "artifacts"))
    run = Run(client, client.create_run(experiment).info.run_id, uri=uri, outputs=outputs)
    log_chain(run, chain, data)
    return saved_model_of(run.id, ChainModel.load)


def test_every_scale_predicts_as_it_did_before_it_was_logged(fitted, loaded):
    data, chain = fitted

    predicted = loaded.predict(data.coarsest.frame)

    assert isinstance(loaded, ChainModel)
    assert loaded.scales == ["fine", "middle", "coarse"]
    for name, on_scale in data.rows.items():
        expected, width = (values[:, 0] for values in chain.fits[name].predict_with_half_width(on_scale.x))
        np.testing.assert_array_equal(predicted[f"{name}.y"], expected)
        np.testing.assert_allclose(predicted[f"{name}.y_high"] - expected, width, rtol=1e-6)
        np.testing.assert_allclose(expected - predicted[f"{name}.y_low"], width, rtol=1e-6)


def test_a_table_gets_the_properties_of_the_scales_whose_columns_it_has(fitted, loaded):
    data, _ = fitted
    whole = loaded.predict(data.coarsest.frame)
    columns = [f"fine.x{number}" for number in range(3)]

    for more, scales in ([], ["fine"]), (["middle.x0", "middle.x1"], ["fine", "middle"]):
        predicted = loaded.predict(data.coarsest.frame[columns + more])
        assert list(predicted) == [f"{scale}.y{end}" for scale in scales for end in ("", "_low", "_high")]
        pd.testing.assert_frame_equal(predicted, whole[list(predicted)])


def test_a_table_without_any_scales_columns_is_told_what_the_finest_needs(loaded):
    with pytest.raises(DataError, match=r"^new.csv: no column 'fine.x0'; it has: x0$"):
        loaded.predict(pd.DataFrame({"x0": [1.0]}), source="new.csv")


def test_latents_and_decoded_inputs_are_those_of_the_best_member(fitted, loaded):
    data, chain = fitted

    for name, on_scale in data.rows.items():
        best = chain.fits[name].members["val_loss"].to_numpy().argmin()
        member = chain.ensemble(name).members
        assert loaded.meaning.scales[name].reference == best
        inputs = loaded.inputs(on_scale.frame, name)
        np.testing.assert_array_equal(inputs, on_scale.x)
        latents = loaded.embed(inputs, name)
        assert latents.shape == (len(on_scale.x), SCALES[name]["latent_dim"])
        every = member.encode(_expanded(on_scale.x, chain, name))[best]
        np.testing.assert_allclose(latents, every.detach().double().numpy(), rtol=1e-5, atol=1e-6)
        assert loaded.decode(latents, name).shape == (len(on_scale.x), len(SCALES[name]["inputs"]))
        assert [loaded.input_names(name)[index] for index in loaded.own_columns(name)] == on_scale.inputs[name]


def _expanded(x, chain, name):
    import torch

    members = len(chain.fits[name].members)
    return torch.as_tensor(x, dtype=torch.float32).expand(members, *x.shape)


def test_properties_have_gradients_with_respect_to_latents(fitted, loaded):
    import torch

    data, _ = fitted
    latents = torch.as_tensor(loaded.embed(data.coarsest.x, "coarse")).requires_grad_()

    loaded.head(latents, "coarse").sum().backward()

    assert latents.grad.abs().sum() > 0


def test_the_meaning_of_a_chain_survives_as_plain_values(fitted):
    meaning = ChainMeaning.of(*fitted)

    values = meaning.to_dict()

    assert ChainMeaning.from_dict(values) == meaning
    assert [scale["own"] for scale in values["scales"].values()] == [[0, 1, 2], [3, 4], [5]]
