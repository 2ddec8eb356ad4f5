import numpy as np
import pytest
from small_chain_data import SCALES, fit, make_scales, open_chain

FOLD = 1


def open_changed(rows=(), *, targets=False, inputs=False, scales=SCALES):
    """Return the samples with other properties or inputs in the given rows, but with the same folds."""
    data = open_chain(scales)
    random = np.random.default_rng(5)
    for on_scale in data.rows.values():
        if targets:
            on_scale.y = on_scale.y.copy()  # inner folds stay those of the values that were
            on_scale.y[rows] += random.normal(50, 200, (len(rows), 1))
            on_scale.learnt[rows, : on_scale.y.shape[1]] = on_scale.y[rows]
        if inputs:
            on_scale.x[rows] += random.normal(50, 200, (len(rows), on_scale.x.shape[1]))
    return data


def predictions(data, **arguments):
    """Return what the networks of one fold predict for every row as it was first."""
    fitted, first = fit(data, **arguments), open_changed(scales=data.scales)
    return {name: on_scale.folds[FOLD].model.predict(first.rows[name].x) for name, on_scale in fitted.fits.items()}


@pytest.fixture(scope="module", params=["networks", "with Gaussian processes"])
def scales(request):
    if request.param == "networks":
        return make_scales()
    return make_scales(names=["fine", "middle"], every={"gaussian_process": True})


@pytest.fixture(scope="module")
def before(scales):
    return predictions(open_changed(scales=scales))


def test_a_fold_does_not_notice_its_test_rows(scales, before):
    tested = open_chain(scales).coarsest.folds[FOLD].test

    after = predictions(open_changed(tested, targets=True, inputs=True, scales=scales))

    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


@pytest.mark.parametrize("changed", ["targets", "inputs"])
def test_a_fold_notices_the_rows_it_trains_on(scales, before, changed):
    row = open_chain(scales).coarsest.folds[FOLD].fitting[:1]

    after = predictions(open_changed(row, scales=scales, **{changed: True}))

    assert all(not np.isclose(after[name], values).all() for name, values in before.items())


def test_scalers_that_know_every_row_carry_the_inputs_of_test_rows_into_training():
    scales = make_scales(names=["fine", "middle"])
    tested = open_chain(scales).coarsest.folds[FOLD].test
    before = predictions(open_changed(scales=scales), scale_on_all=True)

    after = predictions(open_changed(tested, inputs=True, scales=scales), scale_on_all=True)

    assert all(not np.isclose(after[name], values).all() for name, values in before.items())


def test_a_validation_row_is_predicted_by_networks_that_did_not_train_on_it():
    scales = make_scales(names=["fine", "middle"])
    row = open_chain(scales).coarsest.folds[FOLD].fitting[:1]
    # for a single epoch, since it may depend on the row which one is the best
    changed = fit(open_changed(row, targets=True, scales=scales), max_epochs=1)

    for name, on_scale in fit(open_changed(scales=scales), max_epochs=1).fits.items():
        rows, values = on_scale.folds[FOLD].predicted["val"]
        other = changed.fits[name].folds[FOLD].predicted["val"][1]
        np.testing.assert_array_equal(values[rows == row], other[rows == row])
        assert not np.isclose(values, other).all()
