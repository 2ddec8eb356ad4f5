"""What a stacked training draws while it goes on: dropout, and latents of a variational network."""

import numpy as np
import pytest
import torch
from small_stack import X, Y, assert_close, make_members, make_schedule
from turns import together

from remanence.errors import ConfigurationError
from remanence.foundation.threads import one_thread
from remanence.models.single_autoencoder import SingleAutoencoder
from remanence.models.stacked import select
from remanence.training.ranks import ALONE
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining

DROPOUT = {"encoder": {"hidden": [8], "dropout": 0.3}, "head": {"kind": "regression", "hidden": [6], "dropout": 0.3}}
VARIATIONAL = {"encoder": {"hidden": [8], "variational": True}, "head": {"kind": "regression"}}


class PowerCutError(Exception):
    """Raised between two epochs."""


def train(networks, *, log=lambda metrics, epoch: None, members=None, ranks=ALONE, **schedule):
    """Train the members of the small stack on autoencoders that draw."""

    def build():
        return SingleAutoencoder(
            n_features=2, n_targets=2, latent_dim=3, decoder={}, regularizers={"kl": 0.01}, lr=0.02, **networks
        )

    with one_thread():
        return fit_stacked(
            StackedTraining(build, X, Y, members or make_members(), make_schedule(**schedule), log, ranks=ranks)
        )


def cut(epoch):
    def log(metrics, now):
        if now == epoch:
            raise PowerCutError

    return log


@pytest.mark.parametrize("networks", [DROPOUT, VARIATIONAL], ids=["dropout", "variational"])
@pytest.mark.parametrize("epoch", [1, 5])
def test_a_resumed_training_draws_what_the_uninterrupted_one_would_have(tmp_path, networks, epoch):
    path = tmp_path / "last.ckpt"
    whole = train(networks)

    with pytest.raises(PowerCutError):
        train(networks, checkpoint=path, seconds=0.0, log=cut(epoch))
    torch.manual_seed(99)
    resumed = train(networks, checkpoint=path, log=cut(-1))

    for name, value in whole.network.state_dict().items():
        assert value.equal(resumed.network.state_dict()[name]), name
    assert whole.train_loss.tolist() == resumed.train_loss.tolist()
    assert whole.val_loss.tolist() == resumed.val_loss.tolist()


def test_a_checkpoint_with_generators_of_an_older_version_is_told(tmp_path):
    path = tmp_path / "last.ckpt"
    train(DROPOUT, checkpoint=path, max_epochs=1)
    torch.save(torch.load(path, weights_only=True) | {"drawn": [torch.get_rng_state()]}, path)

    with pytest.raises(ConfigurationError, match=r"^resume: the checkpoint is of an older version of remanence"):
        train(DROPOUT, checkpoint=path)


@pytest.mark.parametrize("networks", [DROPOUT, VARIATIONAL], ids=["dropout", "variational"])
def test_a_training_that_draws_is_that_of_its_seeds(networks):
    first = train(networks)
    torch.manual_seed(99)

    assert train(networks).val_loss.tolist() == first.val_loss.tolist()


@pytest.mark.parametrize("networks", [DROPOUT, VARIATIONAL], ids=["dropout", "variational"])
def test_a_member_draws_what_it_draws_alone(networks):
    result = train(networks)

    for number, member in enumerate(make_members()):
        single = train(networks, members=[member])
        np.testing.assert_allclose(result.train_loss[:, number], single.train_loss[:, 0], rtol=1e-5)
        assert_close(select(result.network, [number]).state_dict(), single.network.state_dict())


@pytest.mark.parametrize("networks", [DROPOUT, VARIATIONAL], ids=["dropout", "variational"])
def test_processes_that_share_the_members_draw_as_one(networks):
    alone = train(networks)

    for result in together(2, lambda ranks: train(networks, ranks=ranks)):
        np.testing.assert_allclose(result.train_loss, alone.train_loss, rtol=1e-5)
        assert_close(result.network.state_dict(), alone.network.state_dict())


@pytest.mark.parametrize("networks", [DROPOUT, VARIATIONAL], ids=["dropout", "variational"])
def test_nothing_is_drawn_to_validate(networks):
    result = train(networks, max_epochs=1)

    network, members = result.network, make_members()
    assert not network.training
    x, y = (torch.as_tensor(values, dtype=torch.float32).expand(3, *values.shape) for values in (X, Y))
    with torch.no_grad():
        losses = network.row_loss(x, y)
    for number, member in enumerate(members):
        assert result.val_loss[0, number] == pytest.approx(losses[number, member.validation].mean().item(), rel=1e-5)


def test_dropout_is_on_while_it_trains():
    without = {part: {**values, "dropout": 0.0} for part, values in DROPOUT.items()}

    first, other = train(DROPOUT, max_epochs=1), train(without, max_epochs=1)

    assert (abs(first.train_loss - other.train_loss) > 1e-4).all()


def test_an_adapted_stack_is_trained_from_the_weights_it_was_given():
    given = train(DROPOUT, max_epochs=2).network.state_dict()
    seen = []

    def adapt(network, x, members):
        network.load_state_dict(given)
        seen.append((tuple(x.shape), [member.seed for member in members]))

    with one_thread():
        result = fit_stacked(
            StackedTraining(
                lambda: SingleAutoencoder(
                    n_features=2, n_targets=2, latent_dim=3, decoder={}, regularizers={}, lr=1e-30, **DROPOUT
                ),
                X,
                Y,
                make_members(),
                make_schedule(max_epochs=1),
                adapt=adapt,
            )
        )

    assert seen == [((40, 2), [11, 12, 13])]
    assert_close(result.network.state_dict(), given)
