import numpy as np
import pytest
import torch

from remanence.models.stacked import stack
from remanence.models.standardizer import AsinhStandardizer, Standardizer

MEAN = torch.tensor([1e-3, 0.0, 200.0, -1e3])
SPREAD = torch.tensor([1e-4, 1.0, 50.0, 3e3])


def fitted(values):
    scaler = Standardizer(values.shape[1]).to(values.dtype)
    scaler.fit(values)
    return scaler


def columns(rows, seed=0):
    return torch.randn(rows, 4, generator=torch.Generator().manual_seed(seed)) * SPREAD + MEAN


@pytest.mark.parametrize("rows", [2, 10, 200])
def test_the_inverse_takes_back_what_forward_does(rows):
    values = columns(rows).double()
    scaler = fitted(values)

    torch.testing.assert_close(scaler.inverse(scaler(values)), values, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(scaler(scaler.inverse(values)), values, rtol=1e-10, atol=1e-10)


def test_scores_have_mean_0_and_standard_deviation_1():
    z = fitted(columns(200))(columns(200))

    torch.testing.assert_close(z.mean(dim=0), torch.zeros(4), rtol=0, atol=1e-5)
    torch.testing.assert_close(z.std(dim=0, unbiased=False), torch.ones(4))


def test_new_rows_are_scaled_by_what_was_learnt():
    scaler = fitted(torch.tensor([[1.0], [3.0]]))

    assert scaler(torch.tensor([[2.0], [5.0]])).tolist() == [[0.0], [3.0]]


@pytest.mark.parametrize("rows", [1, 3, 7, 11, 50])
@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 200.7, -1e6])
def test_a_constant_column_scales_to_0_and_a_row_beside_it_stays_moderate(rows, value):
    scaler = fitted(torch.full((rows, 1), value))

    assert scaler.scale.item() == 1.0
    assert scaler(torch.tensor([[value]])).item() == pytest.approx(0, abs=1e-6 * max(1, abs(value)))
    assert scaler(torch.tensor([[value + 1]])).item() == pytest.approx(1, abs=0.1)


def test_values_too_small_for_a_deviation_stay_finite():
    values = torch.tensor([[1e-30], [3e-30]])

    assert fitted(values)(values).isfinite().all()


def test_what_was_learnt_is_saved_with_the_network():
    scaler = fitted(columns(20))
    other = Standardizer(4)

    other.load_state_dict(scaler.state_dict())

    torch.testing.assert_close(other(columns(5, seed=1)), scaler(columns(5, seed=1)), rtol=0, atol=0)
    assert not list(scaler.parameters())


def test_before_fitting_values_pass_unchanged():
    assert torch.equal(Standardizer(4)(columns(5)), columns(5))


def long_tailed(rows=200):
    return torch.as_tensor(np.random.default_rng(0).lognormal(3, 3, (rows, 2)) * [1, -1]).float()


def fitted_asinh(values):
    scaler = AsinhStandardizer(2)
    scaler.fit(values)
    return scaler


def test_asinh_scores_are_those_of_the_inverse_hyperbolic_sine_and_return_the_values():
    values = long_tailed()
    scaler = fitted_asinh(values)

    curved = np.arcsinh(values.numpy() / np.median(np.abs(values.numpy()), axis=0))
    expected = (curved - curved.mean(axis=0)) / curved.std(axis=0)
    np.testing.assert_allclose(scaler(values), expected, atol=0.02)  # torch takes the lower of two middle values
    torch.testing.assert_close(scaler.inverse(scaler(values)), values, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("score", [-1e3, -30.0, 30.0, 1e3])
def test_no_score_leaves_the_values_that_were_learnt(score):
    values = long_tailed()
    inverse = fitted_asinh(values).inverse(torch.full((1, 2), score))

    assert torch.isfinite(inverse).all()
    assert (inverse >= values.amin(dim=0)).all()
    assert (inverse <= values.amax(dim=0)).all()


def test_a_stack_of_asinh_scalers_is_each_of_them():
    parts = [fitted_asinh(long_tailed() * factor) for factor in (1.0, 5.0)]
    stacked = stack(parts)
    values = long_tailed(30)

    for index, part in enumerate(parts):
        torch.testing.assert_close(stacked(values.expand(2, 30, 2))[index], part(values))
        torch.testing.assert_close(stacked.inverse(values.expand(2, 30, 2))[index], part.inverse(values))


def test_the_scaling_of_a_huge_value_among_small_ones_does_not_overflow():
    scaler = AsinhStandardizer(1)
    values = torch.tensor([[1e-3], [2e-3], [9e36], [1e-3]])

    scaler.fit(values)

    assert torch.isfinite(scaler(values)).all()
    assert scaler(values).std(correction=0) == pytest.approx(1, rel=1e-5)
