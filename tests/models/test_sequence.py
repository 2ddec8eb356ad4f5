import pytest
import torch
from torch import nn

from remanence.models.sequence import CELLS, make_cell

TIME, INPUTS, UNITS = 7, 3, 4


def spectra(batch=5):
    return torch.randn(batch, TIME, INPUTS, generator=torch.Generator().manual_seed(0))


def layer(cell, inputs=INPUTS, time=TIME):
    torch.manual_seed(0)
    return make_cell(cell, inputs, UNITS, time)


def affected(cell, step):
    """Return the steps of the output that a change of one step of the input reaches."""
    made, x = layer(cell), spectra(1)
    changed = x.clone()
    changed[:, step] += 1.0
    return (made(changed) - made(x)).abs().amax(dim=(0, 2)).gt(1e-7).nonzero().flatten().tolist()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("inputs", "time"), [(1, 1), (1, 9), (3, 7), (8, 2)])
def test_every_cell_keeps_the_length_and_has_two_directions_of_units(cell, inputs, time):
    assert layer(cell, inputs, time)(torch.zeros(2, time, inputs)).shape == (2, time, 2 * UNITS)


@pytest.mark.parametrize("cell", CELLS)
def test_the_spectra_of_a_batch_do_not_know_of_each_other(cell):
    made, x = layer(cell), spectra()

    torch.testing.assert_close(made(x)[2:3], made(x[2:3]))


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_reaches_every_parameter(cell):
    made = layer(cell)

    made(spectra()).square().sum().backward()

    assert all(parameter.grad.abs().sum() > 0 for parameter in made.parameters())


@pytest.mark.parametrize("cell", ["lstm", "gru", "mlp"])
def test_recurrent_and_dense_layers_carry_a_step_to_all_others(cell):
    assert affected(cell, 3) == list(range(TIME))


@pytest.mark.parametrize(("step", "reached"), [(0, [0, 1, 2]), (3, [1, 2, 3, 4, 5]), (6, [4, 5, 6])])
def test_a_convolution_reaches_two_steps_to_either_side(step, reached):
    assert affected("tcn", step) == reached


@pytest.mark.parametrize(("cell", "kind"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_the_two_directions_of_a_recurrent_layer_stand_side_by_side(cell, kind):
    made, x = layer(cell), spectra()
    forwards = kind(INPUTS, UNITS, batch_first=True)
    forwards.load_state_dict(
        {name: value for name, value in made.cell.state_dict().items() if not name.endswith("_reverse")}
    )

    torch.testing.assert_close(made(x)[:, :, :UNITS], forwards(x)[0])


@pytest.mark.parametrize(
    ("cell", "parameters"),
    [
        ("lstm", 2 * (4 * UNITS * (INPUTS + UNITS) + 8 * UNITS)),
        ("gru", 2 * (3 * UNITS * (INPUTS + UNITS) + 6 * UNITS)),
        ("tcn", 5 * INPUTS * 2 * UNITS + 2 * UNITS),
        ("mlp", TIME * INPUTS * TIME * 2 * UNITS + TIME * 2 * UNITS),
    ],
)
def test_a_layer_has_as_many_parameters_as_its_formula(cell, parameters):
    assert sum(parameter.numel() for parameter in layer(cell).parameters()) == parameters


def test_an_unknown_cell_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="one of lstm, gru, tcn, mlp, but got 'rnn'"):
        make_cell("rnn", 1, 1, 1)
