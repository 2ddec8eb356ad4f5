"""A stacked member gives the same result as that member trained alone with its seed."""

import numpy as np
import pytest
import torch
from small_stack import STEPS, X, Y, assert_close, make_members, make_schedule, predictions, train, weights_of

from remanence.models.dnn import DNN
from remanence.training.stacked.members import ALL_TARGETS

LEARNING_RATE = {"adam": 0.02, "adamw": 0.02, "sgd": 0.02, "rmsprop": 0.002, "adagrad": 0.05}
SCALE = Y.std(axis=0)


def alone(member, epochs, arguments):
    """Train one member with torch's own layers and optimizer; return its best weights, predictions and best epoch."""
    torch.manual_seed(member.seed)
    columns = slice(None) if member.target == ALL_TARGETS else [member.target]
    y = Y[:, columns]
    network = DNN(n_features=2, n_targets=y.shape[1], hidden=[8, 8], **arguments)
    network.prepare(X[member.train], y[member.train])
    optimizer = network.configure_optimizers()
    generator = torch.Generator().manual_seed(member.seed)
    x_all, y_all = (torch.as_tensor(values, dtype=torch.float32) for values in (X, y))
    best, best_epoch, weights = np.inf, 0, {}
    for epoch in range(epochs):
        order = member.train[torch.randperm(len(member.train), generator=generator).numpy()]
        for batch in np.array_split(order, STEPS):
            optimizer.zero_grad()
            network.row_loss(x_all[batch], y_all[batch]).mean().backward()
            optimizer.step()
        with torch.no_grad():
            score = network.row_loss(x_all[member.validation], y_all[member.validation]).mean().item()
        if score < best:
            best, best_epoch = score, epoch
            weights = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(weights)
    return network, best_epoch


@pytest.mark.parametrize("optimizer", LEARNING_RATE)
@pytest.mark.parametrize("bins", [None, 4])
def test_a_stacked_member_is_that_member_trained_by_torch_alone(optimizer, bins):
    arguments = {"optimizer": optimizer, "lr": LEARNING_RATE[optimizer], "bins": bins, "weight_decay": 0.01}
    members = make_members()

    result = train(members, **arguments)

    for number, member in enumerate(members):
        network, best_epoch = alone(member, 8, arguments)
        assert result.best_epoch[number] == best_epoch
        assert_close(weights_of(result, number), network.state_dict())
        difference = predictions(result, members)[number] - network.predict(X)
        np.testing.assert_allclose(difference / SCALE, 0, atol=1e-5)


@pytest.mark.parametrize("optimizer", LEARNING_RATE)
@pytest.mark.parametrize("bins", [None, 4])
@pytest.mark.parametrize("targets", [(ALL_TARGETS,) * 3, (0, 1, 0)], ids=["all targets", "own targets"])
def test_a_stacked_member_is_that_member_stacked_alone(optimizer, bins, targets):
    arguments = {"optimizer": optimizer, "lr": LEARNING_RATE[optimizer], "bins": bins}
    members = make_members(targets)

    result = train(members, **arguments)

    for number, member in enumerate(members):
        single = train([member], **arguments)
        assert_close(weights_of(result, number), weights_of(single, 0))
        difference = predictions(result, members)[number] - predictions(single, [member])[0]
        scale = SCALE if member.target == ALL_TARGETS else SCALE[member.target]
        np.testing.assert_allclose(difference / scale, 0, atol=1e-5)
        np.testing.assert_allclose(result.val_loss[:, number], single.val_loss[:, 0], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(result.train_loss[:, number], single.train_loss[:, 0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("clip", [1e-3, 0.5])
def test_gradients_are_clipped_for_each_member_alone(clip):
    members = make_members()
    schedule = make_schedule(clip=clip)

    result = train(members, schedule=schedule, optimizer="sgd")

    for number, member in enumerate(members):
        single = train([member], schedule=schedule, optimizer="sgd")
        assert_close(weights_of(result, number), weights_of(single, 0))


def test_a_step_of_sgd_moves_no_member_farther_than_its_clipped_gradient():
    members = make_members()
    schedule = make_schedule(clip=1e-3, max_epochs=1, steps=1)
    arguments = {"optimizer": "sgd", "momentum": 0.0, "lr": 1.0}

    result = train(members, schedule=schedule, **arguments)

    for number, member in enumerate(members):
        torch.manual_seed(member.seed)
        start = DNN(n_features=2, n_targets=2, hidden=[8, 8], **arguments).state_dict()
        own = weights_of(result, number)
        moved = [(own[name] - value).flatten() for name, value in start.items() if name.startswith("network")]
        assert torch.cat(moved).norm().item() == pytest.approx(1e-3, rel=1e-3)
