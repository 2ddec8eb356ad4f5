import numpy as np
import pandas as pd
import pytest
from small_chain_data import HEAD, ONE, SPLIT, fit, make_scales, open_chain

from remanence.errors import ConfigurationError
from remanence.models.additive import Additive
from remanence.models.linear import Linear
from remanence.models.scale_blend import ScaleBlend
from remanence.models.scale_options import read_scales
from remanence.science.conformal import conformal_half_width
from remanence.science.least_shares import least_shares
from remanence.studies.chain.blend_baselines import blend_scale, check_blended
from remanence.training.fit import fit_estimator, validated_by_turns
from remanence.training.fitted import held_out

TARGETS = ["y", "x3"]
HEADS = {"heads": {"all": HEAD | {"columns": TARGETS}}}
SCALES = {kind: make_scales(names=["fine"], fine={**HEADS, "gaussian_process": kind}) for kind in (False, True)}


def blended(split, *, process=False, folds=2):
    """Return the rows of one scale with a linear target and one that is noise, and its fit before and after."""
    data = open_chain(SCALES[process], split=split)
    on_scale = data.rows["fine"]
    on_scale.y[:, 0] = 3 * on_scale.x[:, 0] + on_scale.x[:, 1]
    on_scale.learnt[:] = on_scale.y
    before = fit(data, max_epochs=5, folds=folds)
    shape = {"n_features": 2, "n_targets": 2}
    others = {
        "linear": fit_estimator(Linear(**shape), on_scale),
        "additive": fit_estimator(Additive(**shape), on_scale),
    }
    return on_scale, before, others, blend_scale(before, "fine", others, on_scale, inner=folds, coverage=0.9)


@pytest.fixture(scope="module")
def folded():
    return blended(SPLIT)


@pytest.fixture(scope="module")
def single():
    return blended(ONE, folds=1)


@pytest.mark.parametrize("kind", ["folded", "single"])
def test_shares_err_least_on_rows_that_no_part_was_trained_on(kind, request):
    data, before, others, after = request.getfixturevalue(kind)
    inner = 1 if kind == "single" else 2

    for place, result in enumerate(after.fits["fine"].folds):
        own = before.fits["fine"].folds[place]
        rows, _ = result.predicted["val"]
        turns = [
            validated_by_turns(each.folds[place], data, data.folds[place], folds=inner) for each in others.values()
        ]
        unseen = []
        for part in (own, *turns):
            known, values = part.predicted["val"]
            unseen.append(values[[np.flatnonzero(known == row)[0] for row in rows]])
        for target in range(2):
            columns = np.stack([values[:, target] for values in unseen], axis=1)
            shares = np.array(result.model.hparams["shares"])[:, target]
            np.testing.assert_allclose(shares, least_shares(columns, data.y[rows, target]), atol=1e-9)
            np.testing.assert_allclose(result.predicted["val"][1][:, target], columns @ shares)
            width = conformal_half_width(data.y[rows, target] - columns @ shares, 0.9)
            np.testing.assert_allclose(result.half_width[:, target], width)
        linear = np.array(result.model.hparams["shares"])[1:, 0].sum()
        assert linear > 0.9  # the truth is linear, and five epochs are few
        tested, values = result.predicted["test"]
        np.testing.assert_allclose(values, result.model.predict(data.x[tested]), rtol=1e-5, atol=1e-5)


def test_over_several_folds_the_kept_model_has_their_mean_shares(folded):
    data, before, others, after = folded
    fits, folds = after.fits["fine"], after.fits["fine"].folds

    mean = np.mean([fold.model.hparams["shares"] for fold in folds], axis=0)
    np.testing.assert_allclose(fits.model.hparams["shares"], mean)
    assert fits.model.parts_ == [before.fits["fine"].model, *(each.model for each in others.values())]
    residuals = data.y - held_out(folds, data.y)
    expected = [conformal_half_width(column, 0.9) for column in residuals.T]
    np.testing.assert_allclose(fits.model.hparams["half_width"], expected)
    assert after.shares["fine"].keys() == {"linear", "additive"}
    np.testing.assert_allclose(after.shares["fine"]["linear"], mean[1])


def test_of_a_single_fold_its_own_model_is_kept(single):
    _, before, _, after = single

    assert after.fits["fine"].model is after.fits["fine"].folds[0].model
    assert isinstance(after.fits["fine"].model, ScaleBlend)
    assert after.networks["fine"] is before.fits["fine"]
    assert after.ensemble("fine") is before.ensemble("fine")


def test_a_process_that_is_blended_already_keeps_its_share_of_the_chains_part():
    _, before, _, after = blended(SPLIT, process=True)

    own = np.mean([fold.model.hparams["shares"] for fold in after.fits["fine"].folds], axis=0)[0]
    expected = np.array(before.shares["fine"]["process"]) * own
    np.testing.assert_allclose(after.shares["fine"]["process"], expected)
    assert after.networks["fine"] is before.networks["fine"]
    assert after.ensemble("fine") is before.ensemble("fine")


def test_a_name_that_looks_like_another_baseline_is_refused():
    scales = read_scales(make_scales(names=["fine"], fine={"blend": ["gradient_bosting"]}))

    check_blended(scales, [])
    with pytest.raises(ConfigurationError, match=r"^model.scales.fine.blend: no baseline 'gradient_bosting'; did you"):
        check_blended(scales, ["gradient_boosting"])


def test_a_run_logs_the_blend_as_one_model(finished, command, artifact, tmp_path):
    run = finished(
        *("experiment=nested/synthetic", "data.rows=40", "data.split.folds=2", "ensemble.folds=2", "figures=brief"),
        *("trainer.max_epochs=2", "baselines=quick", "baselines.random_forest.n_estimators=5", "name=blended"),
        *("model.scales.coarse.blend=[random_forest,lasso]", "model.scales.middle.blend=[linear]"),
    )
    metrics = run.data.metrics

    assert metrics["test/middle/network/mae"] != metrics["test/middle/mae"] > 0
    assert 0 < metrics["middle/linear_share/middle.y"] <= 1
    assert 0 < metrics["coarse/random_forest_share/coarse.y"] <= 1
    assert "coarse/lasso_share/coarse.y" not in metrics
    held_out = pd.read_csv(artifact(run, "tables/test_predictions_coarse.csv"))
    error = (held_out["coarse.y_predicted"] - held_out["coarse.y"]).abs()
    assert metrics["test/median_error"] == pytest.approx(error.median())
    held_out.iloc[:3].to_csv(tmp_path / "new.csv", index=False)
    result = command("predict", "run=blended", f"input={tmp_path}/new.csv", f"output={tmp_path}/out.csv")
    assert result.code == 0, result.err
    assert np.isfinite(pd.read_csv(tmp_path / "out.csv")["coarse.y_low"]).all()
