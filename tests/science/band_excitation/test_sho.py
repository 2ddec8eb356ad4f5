import math

import numpy as np
import pytest
import torch

from remanence.science.band_excitation.sho import cramer_rao_bound, sho_response

FREQUENCY = torch.linspace(315, 385, 74, dtype=torch.float64)  # kHz
PARAMETERS = torch.tensor([1.2, 352.0, 90.0, 0.7], dtype=torch.float64)


@pytest.mark.parametrize("phase", [-3.0, 0.0, 0.7, 2.5])
@pytest.mark.parametrize("resonance", [330.0, 352.0, 400.0])
def test_the_response_is_the_formula(resonance, phase):
    f = FREQUENCY.numpy()
    expected = 1.2 * np.exp(1j * phase) * resonance**2 / (f**2 - 1j * f * resonance / 90 - resonance**2)

    response = sho_response(torch.tensor([1.2, resonance, 90.0, phase], dtype=torch.float64), FREQUENCY)

    assert response.numpy() == pytest.approx(expected)


def test_at_resonance_the_response_is_amplitude_times_quality_a_quarter_turn_ahead():
    response = sho_response(PARAMETERS, PARAMETERS[1:2])[0]

    assert abs(response) == pytest.approx(1.2 * 90)
    assert torch.angle(response) == pytest.approx(0.7 + math.pi / 2)


def test_parameters_of_any_leading_shape_give_that_shape():
    assert sho_response(PARAMETERS.expand(3, 5, 4), FREQUENCY).shape == (3, 5, 74)


def test_single_precision_stays_single():
    assert sho_response(PARAMETERS.float(), FREQUENCY.float()).dtype == torch.complex64


def test_the_bound_is_that_of_numerical_derivatives():
    def stacked(parameters):
        return torch.view_as_real(sho_response(parameters, FREQUENCY)).reshape(-1)

    jacobian = torch.autograd.functional.jacobian(stacked, PARAMETERS)
    expected = torch.linalg.inv(jacobian.T @ jacobian).diagonal().sqrt() * 3.0

    assert cramer_rao_bound(PARAMETERS, FREQUENCY, 3.0).numpy() == pytest.approx(expected.numpy())


def test_the_bound_is_proportional_to_the_noise_and_takes_batches():
    bound = cramer_rao_bound(PARAMETERS.expand(2, 4), FREQUENCY, 1.0)

    assert bound.shape == (2, 4)
    assert cramer_rao_bound(PARAMETERS, FREQUENCY, 5.0).numpy() == pytest.approx(5 * bound[1].numpy())
