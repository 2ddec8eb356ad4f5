import numpy as np
import pytest
from small_training import open_data

from remanence.data.splits import inner_folds
from remanence.errors import ConfigurationError
from remanence.models.linear import Linear
from remanence.models.ridge import Ridge
from remanence.studies.table.blend import blend_fits, check_blend, left_out
from remanence.studies.table.fit import TableFit
from remanence.studies.table.scores import score_table
from remanence.training.fit import fit, validated_by_turns
from remanence.training.options import Blend


@pytest.fixture(scope="module")
def data():
    return open_data(replicates=4)


def fits(data):
    return [TableFit.of(fit(kind(**data.flat_shape), data)) for kind in (Linear, Ridge)]


def test_a_blend_averages_the_held_out_predictions_of_every_fold_and_keeps_those_of_the_networks(data):
    first, second = fits(data)
    blend = blend_fits(first, {"ridge": second, "other": first}, data, Blend(["ridge"], {"network": 3.0}))

    for mixed, own, other in zip(blend.folds, first.folds, second.folds, strict=True):
        for part in ("val", "test"):
            rows, values = mixed.predicted[part]
            np.testing.assert_array_equal(rows, own.predicted[part][0])
            np.testing.assert_allclose(values, 0.75 * own.predicted[part][1] + 0.25 * other.predicted[part][1])
        rows, values = mixed.predicted["test"]
        np.testing.assert_allclose(mixed.model.predict(data.x[rows]), values)
    metrics = score_table(blend, {"ridge": second}, data).metrics
    alone = score_table(first, {"ridge": second}, data).metrics
    assert metrics["test/network/r2"] == alone["test/r2"] != metrics["test/r2"]


def test_rows_that_only_some_parts_have_not_seen_are_left_out_of_the_validation(data):
    first, second = fits(data)
    rows, values = second.folds[0].predicted["val"]
    second.folds[0].predicted["val"] = rows[::-1][1:], values[::-1][1:]

    blend = blend_fits(first, {"ridge": second}, data, Blend(["ridge"], None))

    kept, mixed = blend.folds[0].predicted["val"]
    np.testing.assert_array_equal(kept, rows[:-1])
    np.testing.assert_allclose(mixed, (first.folds[0].predicted["val"][1][:-1] + values[:-1]) / 2)


def test_with_members_every_row_outside_the_test_is_validated_by_the_blend_with_its_spread(data):
    first, second = fits(data)
    inner = inner_folds(data.rows, data.fold, folds=4, seed=data.split["seed"])
    turned = validated_by_turns(first.folds[0], data, data.fold, folds=4)

    rows, values = turned.predicted["val"]
    np.testing.assert_array_equal(np.sort(rows), data.fold.fitting)
    for train, rest in inner:
        alone = Linear(**data.flat_shape)
        alone.fit(data.x[train], data.y[train])
        np.testing.assert_allclose(values[np.isin(rows, rest)], alone.predict(data.x[rows[np.isin(rows, rest)]]))
    first.folds[0] = turned
    blend = blend_fits(first, {"ridge": second}, data, Blend(["ridge"], None), inner=4)
    result = blend.folds[0]
    assert len(result.predicted["val"][0]) == len(data.fold.fitting)
    assert result.validated_spread.shape == result.predicted["val"][1].shape
    other = validated_by_turns(second.folds[0], data, data.fold, folds=4)
    own = [dict(zip(each.predicted["val"][0], each.validated_spread, strict=True)) for each in (turned, other)]
    mean = [dict(zip(*each.predicted["val"], strict=True)) for each in (turned, other)]
    row = data.fold.fitting[0]
    expected = (own[0][row] ** 2 + own[1][row] ** 2) / 2 + (mean[0][row] - mean[1][row]) ** 2 / 4
    np.testing.assert_allclose(result.validated_spread[0] ** 2, expected)


def test_without_its_baselines_a_fit_stays_what_it_is(data):
    first, _ = fits(data)

    assert blend_fits(first, {}, data, Blend(["ridge"], None)) is first


def test_names_of_a_blend_are_checked_and_what_is_left_out_is_said():
    check_blend(Blend(["svr"], {"network": 2.0}), ["ridge"])
    with pytest.raises(ConfigurationError, match=r"blend.baselines: no baseline 'rigde'; did you mean 'ridge'"):
        check_blend(Blend(["rigde"], None), ["ridge"])
    with pytest.raises(ConfigurationError, match=r"blend.weights: no part 'svr' of the blend; it has: network, ridge"):
        check_blend(Blend(["ridge"], {"svr": 1.0}), ["ridge", "svr"])

    both = Blend(["ridge", "svr"], None)
    assert left_out(both, ["ridge", "svr"], is_network=True) == ""
    assert left_out(both, ["ridge"], is_network=True) == "blend: without svr, no baseline of this run"
    assert "predict alone" in left_out(both, [], is_network=True)
    assert "predicts alone" in left_out(both, ["ridge", "svr"], is_network=False)
    assert left_out(Blend([], None), ["ridge"], is_network=False) == ""
