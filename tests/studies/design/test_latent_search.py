import numpy as np
import pytest
import torch
from small_chain import NumberChain, SmallChain, number_rows

from remanence.studies.design.goal import read_goal
from remanence.studies.design.latent_search import promising_latents

LATENTS = np.random.default_rng(0).uniform(-2, 4, (50, 3))
"""Of the ions: inputs are (z + 1) / 2, gap = first − second + third of them."""


def gap(z):
    x = (z + 1) / 2
    return x[:, 0] - x[:, 1] + x[:, 2]


@pytest.mark.parametrize("starts", [[0], [3, 7, 11]])
def test_an_extreme_is_reached_at_the_border_of_the_training_rows(starts):
    chain = SmallChain()
    low, high = LATENTS.min(axis=0), LATENTS.max(axis=0)

    most = promising_latents(chain, LATENTS, starts, read_goal(chain, "gap=max", None))
    least = promising_latents(chain, LATENTS, starts, read_goal(chain, "gap=min", None))

    np.testing.assert_allclose(most, np.tile([high[0], low[1], high[2]], (len(starts), 1)), atol=1e-4)
    np.testing.assert_allclose(least, np.tile([low[0], high[1], low[2]], (len(starts), 1)), atol=1e-4)


def test_a_value_is_approached_from_every_side():
    chain = SmallChain()

    found = promising_latents(chain, LATENTS, range(50), read_goal(chain, "gap=1.5", None))

    np.testing.assert_allclose(gap(found), 1.5, atol=0.05)


def test_a_constraint_of_the_scale_outweighs_the_target():
    chain = SmallChain()

    found = promising_latents(chain, LATENTS, range(50), read_goal(chain, "gap=max", "gap in [0.5,1.5]"))

    assert ((gap(found) > 0.5) & (gap(found) < 1.5)).all()


def test_an_optimum_inside_is_found():
    chain = NumberChain()
    (rows,) = number_rows().values()
    latents = chain.embed(chain.inputs(rows, "only"), "only")

    found = promising_latents(chain, latents, range(10), read_goal(chain, "y=max", None))

    np.testing.assert_allclose(chain.decode(found, "only"), np.tile([0.3, -0.5, 1.0], (10, 1)), atol=0.01)


def test_the_network_gets_no_gradients():
    class Learnt(SmallChain):
        weight = torch.nn.Parameter(torch.ones(3, 1))

        def head(self, z, scale):
            return z @ self.weight

    promising_latents(Learnt(), LATENTS, [0], read_goal(Learnt(), "gap=max", None))

    assert Learnt.weight.grad is None
