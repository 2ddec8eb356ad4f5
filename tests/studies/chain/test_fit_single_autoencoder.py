import numpy as np
import pytest
from small_ensemble import fit, make_trainer
from small_training import KFOLD, open_data

from remanence.models.ensemble import Ensemble
from remanence.models.single_autoencoder import SingleAutoencoder
from remanence.training.score import score_folds


def make(**arguments):
    """Return an untrained network of the small table."""
    parts = {
        "encoder": {"hidden": [8], "activation": "silu", "output": "linear"},
        "head": {"kind": "regression", "columns": ["targets"], "hidden": [8], "activation": "silu"},
        "decoder": {"weight": 0.1},
        "regularizers": {},
    }
    return SingleAutoencoder(n_features=2, n_targets=2, latent_dim=3, **{**parts, "lr": 0.02, **arguments})


@pytest.mark.parametrize("per_target", [False, True])
def test_a_table_is_learnt_like_by_any_other_network(per_target):
    data = open_data(split=KFOLD)

    fitted = fit(data, make(), per_target=per_target, max_epochs=60, repeats=1)

    metrics = score_folds(fitted, data.targets, data.y)
    assert metrics["test/pooled_r2"] > 0.6
    assert isinstance(fitted.model, Ensemble)
    assert fitted.model.hparams["member"].endswith("SingleAutoencoder")
    assert fitted.model.predict(data.x).shape == data.y.shape
    assert [type(fold.model) for fold in fitted.folds] == [Ensemble] * 3


@pytest.mark.parametrize("everywhere", [False, True])
def test_its_scalers_know_the_rows_that_they_may_know(everywhere):
    data = open_data(split=KFOLD)

    fitted = fit(data, make(), max_epochs=1, per_target=False, repeats=1, scale_on_all=everywhere)

    for number, (fold, validated) in enumerate(
        fitted.members.drop_duplicates("member")[["fold", "validated_on"]].itertuples(index=False)
    ):
        trained = np.setdiff1d(data.folds[fold].fitting, np.array(validated.split(), dtype=int))
        rows = np.arange(len(data.x)) if everywhere else trained
        scale = fitted.stacked.scale
        np.testing.assert_allclose(scale.input_scaler.mean[number, 0], data.x[rows].mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(
            scale.target_scalers["properties"].scale[number, 0], data.y[rows].std(axis=0), rtol=1e-4
        )


def test_beside_a_run_it_leaves_no_checkpoint_and_no_curves(tmp_path):
    data, logged = open_data(split=KFOLD), []
    trainer = make_trainer(max_epochs=2, log=lambda metrics, epoch: logged.append(epoch), scale_on_all=True)
    trainer.schedule = trainer.schedule.__class__(max_epochs=2, batch_size=64, checkpoint=tmp_path / "last.ckpt")

    beside = trainer.for_baseline(data)
    fitted = beside.fit(make(), data)

    assert logged == []
    assert list(tmp_path.iterdir()) == []
    assert (beside.schedule.batch_size, beside.per_target, beside.scale_on_all) == (8, False, True)
    assert fitted.epochs == 2
    assert trainer.per_target
