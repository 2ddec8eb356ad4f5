"""How members are computed together is found out with two of them; what cannot be stacked is told."""

import random

import numpy as np
import pytest
import torch
from other_networks import FORMS, WIDTH, ByColumn, Divided, Normed, Other, RootParameters
from pytorch_lightning import LightningModule
from small_stack import X, Y, make_members
from torch import nn

from remanence.errors import ConfigurationError, NotStackable
from remanence.models.dnn import DNN
from remanence.models.nested_ae import NestedAE
from remanence.models.single_autoencoder import SingleAutoencoder
from remanence.models.stacked import broadcasts_itself
from remanence.training.stacked.stackable import how_to_stack


def found(kind, **arguments):
    return how_to_stack(lambda: kind(n_features=2, n_targets=2, **arguments), X, Y, make_members())


@pytest.mark.parametrize("kind", FORMS)
def test_the_fastest_form_that_is_right_is_found(kind):
    assert found(kind) == FORMS[kind]


def test_networks_of_the_package_vouch_for_their_forward():
    assert found(DNN) == found(DNN, bins=4) == "batched"
    assert all(broadcasts_itself(network) for network in (DNN(n_features=2), *(k.__new__(k) for k in (NestedAE,))))
    assert broadcasts_itself(SingleAutoencoder.__new__(SingleAutoencoder))


def test_what_a_network_vouches_for_does_not_hold_for_one_derived_from_it():
    class Derived(DNN):
        def __init__(self, *, n_features, n_targets=1):
            super().__init__(n_features=n_features, n_targets=n_targets)
            self.r = nn.Parameter(torch.randn(3, n_features))

        def forward(self, x):
            return self.target_scaler.inverse(self.network(self.input_scaler(x)[:, None] * self.r).mean(dim=1))

        def row_loss(self, x, y):
            return (self.target_scaler(self(x)) - self.target_scaler(y)).square().mean(dim=1)

    assert found(Derived) == "vmap"


class KeepsLast(RootParameters):
    """Keeps what it computed last."""

    def body(self, z):
        self.last = super().body(z)
        return self.last


class Centred(Other):
    """Takes the mean over the rows of a step away: a member must not see the rows that fill up."""

    def make(self, n_features, n_targets):
        self.out = nn.Linear(n_features, n_targets)

    def body(self, z):
        return self.out(z - z.mean(dim=-2, keepdim=True) if self.training else z)


class Counting(Normed):
    """Counts its steps in a buffer."""

    def make(self, n_features, n_targets):
        super().make(n_features, n_targets)
        self.register_buffer("steps", torch.zeros(()))

    def body(self, z):
        if self.training:
            self.steps += 1
        return super().body(z)


class Silent(Normed):
    """Adds up over rows, where two layers that begin as zeros hide it."""

    def make(self, n_features, n_targets):
        super().make(n_features, n_targets)
        self.inner, self.outer = nn.Linear(n_features, 2, bias=False), nn.Linear(2, n_targets, bias=False)
        for layer in (self.inner, self.outer):
            nn.init.zeros_(layer.weight)

    def body(self, z):
        return super().body(z) + self.outer(self.inner(z.cumsum(dim=0)))


@pytest.mark.parametrize(
    ("kind", "form"), [(Silent, "vmap"), (KeepsLast, "loop"), (Centred, "loop"), (Counting, "batched")]
)
def test_networks_with_habits_are_stacked(kind, form):
    assert found(kind) == form


class Learnt(Normed):
    """Keeps what it learnt in no buffer."""

    def prepare(self, x, y):
        super().prepare(x, y)
        self.offset = float(y.mean())

    def forward(self, x):
        return super().forward(x) + self.offset


class Jointly(ByColumn):
    def configure_optimizers(self):
        return torch.optim.LBFGS(self.parameters())


class Scheduled(Normed):
    def configure_optimizers(self):
        return {"optimizer": super().configure_optimizers(), "lr_scheduler": None}


class WithBatchNorm(Normed):
    def make(self, n_features, n_targets):
        super().make(n_features, n_targets)
        self.layers.insert(1, nn.BatchNorm1d(WIDTH))


class Growing(Normed):
    """Has as many edges as rows."""

    def prepare(self, x, y):
        super().prepare(x, y)
        self.register_buffer("edges", torch.as_tensor(x))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (WithBatchNorm, r"layers\.1 of WithBatchNorm is a BatchNorm1d: .*; take LayerNorm in its place$"),
        (Learnt, r"stacked members of Learnt do not compute what they compute alone \(forward\): keep what differs"),
        (Jointly, "Jointly cannot be stacked: TypeError: .*closure"),
        (Scheduled, "configure_optimizers of Scheduled returns a dict, and members take one Optimizer$"),
        (Growing, r"members of Growing differ by more than values: edges of shape \(24, 2\) in one, .* \(9, 2\) in"),
    ],
)
def test_what_cannot_be_stacked_is_told_in_one_line(kind, told):
    with pytest.raises(NotStackable, match=f"^ensemble: {told}") as caught:
        found(kind)
    assert "\n" not in str(caught.value)


class Unnamed(LightningModule):
    def __init__(self, *, n_features, n_targets):
        super().__init__()


class Crashing(Normed):
    def body(self, z):
        return super().body(z[:, :1])


class OfABatch(Normed):
    def row_loss(self, x, y):
        return super().row_loss(x, y).mean()


class Flat(Crashing):
    def body(self, z):
        return Normed.body(self, z)

    def row_loss(self, x, y):
        return (super().forward(x) - y).square().mean(dim=-1)

    def forward(self, x):
        return super().forward(x)[:, 0]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Crashing, "Crashing cannot take a step of training: RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        (OfABatch, r"row_loss of OfABatch returns shape \(\) for 6 rows, not \(6,\)"),
        (Flat, r"forward of Flat returns shape \(6,\) for 6 rows, not \(6, targets\)"),
    ],
)
def test_what_cannot_be_trained_at_all_is_told_in_one_line(kind, told):
    with pytest.raises(ConfigurationError, match=f"^model: {told}") as caught:
        found(kind)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, NotStackable)


def test_a_network_that_keeps_no_arguments_is_told():
    with pytest.raises(
        ConfigurationError, match=r"^model: no member can be built from its hparams: TypeError: .*n_feat"
    ):
        how_to_stack(lambda: Unnamed(**Unnamed(n_features=2, n_targets=2).hparams), X, Y, make_members())


def test_nothing_is_drawn_from_the_generators_of_the_process():
    for seed in (torch.manual_seed, np.random.seed, random.seed):
        seed(3)
    expected = (torch.rand(()).item(), np.random.random(), random.random())
    for seed in (torch.manual_seed, np.random.seed, random.seed):
        seed(3)

    found(Divided)

    assert (torch.rand(()).item(), np.random.random(), random.random()) == expected
