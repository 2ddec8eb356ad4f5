import pytest
import torch
from small_training import open_data
from torch import nn

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked
from remanence.studies.table.study import TableStudy
from remanence.training.initial_weights import beginning_with, read_weights

WEIGHTS, BETTER = {"weight": torch.ones(1, 2)}, {"weight": torch.full((1, 2), 2.0)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"best": {"state_dict": WEIGHTS}, "last": {"state_dict": BETTER}}, WEIGHTS),
        ({"last": {"state_dict": WEIGHTS, "callbacks": {"Checkpoint": {"weights": BETTER}, "Other": {}}}}, BETTER),
        ({"last": {"state_dict": WEIGHTS, "callbacks": {"Checkpoint": {"weights": {}}}}}, WEIGHTS),
        ({"last": {"network": WEIGHTS, "best_weights": BETTER}}, BETTER),
    ],
    ids=["finished", "interrupted", "before its first best", "stacked"],
)
def test_the_best_weights_are_read_from_what_a_training_left(tmp_path, files, expected):
    for name, state in files.items():
        torch.save(state, tmp_path / f"{name}.ckpt")

    found = read_weights(tmp_path, ["best"])

    assert found["best"]["weight"].tolist() == expected["weight"].tolist()


def test_scales_without_a_checkpoint_are_left_out(tmp_path):
    torch.save({"best_weights": WEIGHTS}, tmp_path / "ions.ckpt")

    assert list(read_weights(tmp_path, ["ions", "mix"])) == ["ions"]


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = nn.ModuleDict({name: nn.ModuleDict({"a": nn.Linear(1, 1)}) for name in ("ions", "mix")})
        self.scales["mix"]["parent_scaler"] = nn.Linear(1, 1)


def test_a_coarser_scale_keeps_the_finer_ones_of_its_own_run():
    network, calls = Chain(), []
    before = {name: value.clone() for name, value in network.state_dict().items()}
    weights = {name: value + 1 for name, value in before.items()}

    adapt = beginning_with(weights, lambda *arguments: calls.append(arguments), finer=["ions"])
    adapt(network, torch.zeros(1, 1), [])

    assert len(calls) == 1
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"scales.mix.a.weight", "scales.mix.a.bias"}


def test_without_weights_a_stack_is_adapted_as_before():
    def adapt(*_):
        raise AssertionError

    assert beginning_with(None, adapt) is adapt
    assert beginning_with(None) is None


def test_weights_are_needed_until_the_last_training_has_a_checkpoint(tmp_path):
    plain, augmented = (
        TableStudy(open_data(), checked(compose([f"augmentation={name}", "ensemble=stacked"])))
        for name in ("none", "noise")
    )
    first = tmp_path / "last.ckpt"

    assert plain.begins(None)
    assert augmented.begins(None)
    assert not plain.begins(first)
    assert augmented.begins(first)
    (tmp_path / "augmented.ckpt").touch()
    assert not augmented.begins(first)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    torch.save({"state_dict": {"layer.weight": torch.tensor([1.0, torch.nan])}}, tmp_path / "best.ckpt")

    with pytest.raises(ConfigurationError, match=r"best\.ckpt: its weights are not finite"):
        read_weights(tmp_path, ["best"])
