import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

from remanence.science.nested.correlation_loss import correlation_loss, independence_term, property_term


def draw(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def rho(a, b):
    """ρ of the formula, with scipy's correlation."""
    s = 1 / np.sqrt(len(a) - 3)
    return max(0.0, (abs(pearsonr(a, b).statistic) - s) / (1 - s))


def reference(z, y):
    latents = z.shape[1]
    pairs = [(i, j) for i in range(latents) for j in range(i + 1, latents)]
    tied = np.mean([1 - rho(z[:, j], y[:, j]) for j in range(min(latents, y.shape[1]))])
    apart = np.mean([np.sin(np.pi / 2 * rho(z[:, i], z[:, j])) ** 2 for i, j in pairs]) if pairs else 0.0
    return tied, apart


@pytest.mark.parametrize("latents", [1, 2, 5])
@pytest.mark.parametrize("targets", [1, 2, 3])
@pytest.mark.parametrize("rows", [5, 30, 400])
def test_both_terms_are_those_of_the_formula(rows, latents, targets):
    z, y = draw(rows, latents), draw(rows, targets, seed=1)
    z = z + 0.7 * z.roll(1, dims=1) + y[:, :1]

    tied, apart = reference(z.numpy(), y.numpy())

    assert float(property_term(z, y)) == pytest.approx(tied, abs=1e-12)
    assert float(independence_term(z)) == pytest.approx(apart, abs=1e-12)
    assert float(correlation_loss(z, y)) == pytest.approx(tied + apart, abs=1e-12)


def test_members_of_a_stack_do_not_see_each_other():
    z, y = draw(3, 2, 40, 4), draw(3, 2, 40, 1, seed=1)

    together = correlation_loss(z, y)

    assert together.shape == property_term(z, y).shape == independence_term(z).shape == (3, 2)
    for member in np.ndindex(3, 2):
        assert float(together[member]) == pytest.approx(float(correlation_loss(z[member], y[member])), abs=1e-12)


def test_sign_scale_and_offset_of_a_latent_do_not_matter():
    y = draw(50, 1)
    independent = draw(50, 1, seed=3)

    assert float(property_term(-3 * y + 7, y)) == pytest.approx(0, abs=1e-12)
    assert float(independence_term(torch.cat([y, -2 * y + 1], dim=1))) == pytest.approx(1, abs=1e-12)
    assert float(independence_term(torch.cat([y, independent], dim=1))) < 0.01


def test_a_correlation_within_its_standard_error_counts_as_none():
    y = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]

    assert float(property_term(y**2, y)) == 1
    assert float(independence_term(torch.cat([y, y**2], dim=1))) == 0


def test_descent_ties_the_first_latent_to_the_property_and_parts_the_others():
    y = draw(60, 1)
    z = (0.3 * y + draw(60, 3, seed=2)).requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.05)
    for _ in range(200):
        optimiser.zero_grad()
        correlation_loss(z, y).backward()
        optimiser.step()

    r = np.corrcoef(np.concatenate([y.numpy(), z.detach().numpy()], axis=1).T)
    assert abs(r[0, 1]) > 0.99
    assert np.abs(r[1:, 1:][np.triu_indices(3, 1)]).max() < 0.2


def test_gradients_are_those_of_finite_differences():
    z, y = draw(12, 3), draw(12, 2, seed=1)
    z = (z + z.roll(1, dims=1) + y[:, :1]).requires_grad_()

    assert torch.autograd.gradcheck(lambda latents: correlation_loss(latents, y), (z,))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_constant_columns_correlate_with_nothing_and_stay_finite(dtype, value):
    varied = draw(30, 1).to(dtype)
    z = torch.cat([torch.full((30, 1), value, dtype=dtype), varied], dim=1).requires_grad_()

    loss = correlation_loss(z, varied)
    loss.backward()

    assert float(loss.detach()) == 1  # latent 0 tells nothing of the property
    assert torch.isfinite(z.grad).all()
    assert float(property_term(varied, torch.full((30, 1), value, dtype=dtype))) == 1


@pytest.mark.parametrize(
    ("z", "y", "reason"),
    [
        ((4, 2), (4, 1), "at least 5 rows"),
        ((5,), (5, 1), "at least 5 rows"),
        ((5, 0), (5, 1), "at least 5 rows"),
        ((6, 2), (5, 1), "Expected `y`"),
        ((2, 6, 2), (6, 1), "Expected `y`"),
        ((6, 2), (6, 0), "Expected `y`"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(z, y, reason):
    with pytest.raises(ValueError, match=reason):
        correlation_loss(torch.zeros(z), torch.zeros(y))
