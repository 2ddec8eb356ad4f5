import numpy as np
import pytest
import torch

from remanence.models.piecewise import PiecewiseLinear

VALUES = torch.as_tensor(np.random.default_rng(0).uniform([0.02, 16], [0.25, 50], (40, 2)))


def fitted(bins, *, seed=0, values=VALUES):
    torch.manual_seed(seed)
    encoding = PiecewiseLinear(values.shape[1], bins).to(values.dtype)
    encoding.fit(values)
    return encoding


def with_edges(*edges):
    encoding = PiecewiseLinear(1, len(edges) - 1)
    encoding.edges.copy_(torch.tensor([edges]))
    return encoding


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-5.0, [0, 0, 0]),
        (0.0, [0, 0, 0]),
        (0.5, [0.5, 0, 0]),
        (1.0, [1, 0, 0]),
        (2.0, [1, 0.5, 0]),
        (7.0, [1, 1, 0.8]),
        (8.0, [1, 1, 1]),
        (99.0, [1, 1, 1]),
    ],
)
def test_a_value_fills_its_bins_one_after_the_other(value, expected):
    encoded = with_edges(0.0, 1.0, 3.0, 8.0)(torch.tensor([[value]]))

    torch.testing.assert_close(encoded, torch.tensor([expected], dtype=torch.float32))


@pytest.mark.parametrize("bins", [1, 2, 4, 16])
def test_the_encoding_is_that_of_the_paper_feature_by_feature(bins):
    encoding = fitted(bins)

    encoded = encoding(VALUES).reshape(40, 2, bins)

    for feature in range(2):
        edges = encoding.edges[feature]
        for t in range(bins):
            share = (VALUES[:, feature] - edges[t]) / (edges[t + 1] - edges[t])
            torch.testing.assert_close(encoded[:, feature, t], share.clamp(0, 1))


@pytest.mark.parametrize("bins", [1, 5, 16])
def test_edges_rise_from_the_smallest_to_the_largest_value(bins):
    edges = fitted(bins).edges

    assert (edges.diff(dim=1) >= 0).all()
    torch.testing.assert_close(edges[:, 0], VALUES.amin(dim=0))
    torch.testing.assert_close(edges[:, -1], VALUES.amax(dim=0))


def test_codes_lie_between_0_and_1_and_rise_with_the_value():
    far = torch.linspace(-100, 100, 401, dtype=torch.float64)[:, None].expand(-1, 2)

    encoded = fitted(8)(far)

    assert encoded.shape == (401, 16)
    assert encoded.min() == 0
    assert encoded.max() == 1
    assert (encoded.diff(dim=0) >= 0).all()


@pytest.mark.parametrize("value", [0.0, 1 / 3, -200.0])
def test_a_constant_feature_is_encoded_as_0_everywhere(value):
    values = torch.stack([torch.full((10,), value), torch.arange(10.0)], dim=1)

    encoded = fitted(4, values=values)(torch.stack([torch.tensor([value - 1, value, value + 1]), torch.ones(3)], dim=1))

    assert (encoded[:, :4] == 0).all()
    assert encoded.isfinite().all()


@pytest.mark.parametrize("distinct", [2, 3])
def test_a_feature_with_fewer_values_than_bins_keeps_its_order_and_its_width(distinct):
    values = (torch.arange(30) % distinct).double()[:, None]

    encoded = fitted(16, values=values)(values[:distinct])

    assert encoded.shape == (distinct, 16)
    assert encoded.isfinite().all()
    assert (encoded.sum(dim=1).diff() > 0).all()


def test_a_seed_draws_the_steps_and_another_draws_others():
    assert fitted(8, seed=3).edges.equal(fitted(8, seed=3).edges)
    assert not fitted(8, seed=3).edges.equal(fitted(8, seed=4).edges)


def test_what_was_learnt_is_saved_with_the_network():
    encoding, other = fitted(5), PiecewiseLinear(2, 5).double()

    other.load_state_dict(encoding.state_dict())

    assert other(VALUES).equal(encoding(VALUES))
    assert not list(encoding.parameters())
