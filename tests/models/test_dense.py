import pytest
import torch
from torch import nn

from remanence.models.activation import ACTIVATIONS
from remanence.models.dense import dense


def widths(network):
    return [(layer.in_features, layer.out_features) for layer in network if isinstance(layer, nn.Linear)]


@pytest.mark.parametrize("hidden", [[], [7], [7, 3, 5]])
@pytest.mark.parametrize("leading", [(), (4,), (2, 4)])
def test_layers_have_the_widths_asked_for(hidden, leading):
    network = dense(6, hidden, 2, activation="tanh")

    assert widths(network) == list(zip([6, *hidden], [*hidden, 2], strict=True))
    assert network(torch.zeros(*leading, 6)).shape == (*leading, 2)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", ["linear", "tanh", "relu", "arctanh"])
def test_activations_stand_after_hidden_layers_and_the_output_after_the_last(activation, output):
    kinds = [type(layer) for layer in dense(2, [4, 4], 1, activation=activation, output=output)]

    hidden = [nn.Linear, ACTIVATIONS[activation]]
    assert kinds == [*hidden, *hidden, nn.Linear, *([] if output == "linear" else [ACTIVATIONS[output]])]


def test_dropout_is_of_hidden_units_only():
    network = dense(3, [1000], 1, activation="linear", dropout=0.25)
    nn.init.constant_(network[0].weight, 0.0)
    nn.init.constant_(network[0].bias, 1.0)
    torch.manual_seed(0)

    shares = (network[:3](torch.zeros(20, 3)) == 0).float().mean()

    assert [type(layer) for layer in network] == [nn.Linear, nn.Identity, nn.Dropout, nn.Linear]
    assert shares == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("init", "deviation"),
    [
        ("xavier_normal", (2 / 500) ** 0.5),
        ("xavier_uniform", (2 / 500) ** 0.5),
        ("kaiming_normal", (2 / 300) ** 0.5),
        ("default", (1 / 900) ** 0.5),
    ],
)
def test_weights_begin_as_spread_as_the_scheme_says(init, deviation):
    torch.manual_seed(0)

    layer = dense(300, [200], 1, activation="relu", init=init)[0]

    assert layer.weight.std().item() == pytest.approx(deviation, rel=0.02)
    assert bool(layer.bias.any()) is (init == "default")


@pytest.mark.parametrize("wrong", [{"activation": "selu"}, {"activation": "tanh", "output": "softplus"}])
def test_an_unknown_activation_is_refused(wrong):
    with pytest.raises(KeyError):
        dense(2, [3], 1, **wrong)
