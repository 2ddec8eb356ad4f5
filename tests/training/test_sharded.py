"""A network that FSDP has cut up; in one process, which is enough for it to be FSDP's."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from small_training import CALLBACKS, TRAINER
from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel

from remanence.training import trainer as trainers
from remanence.training.ranks import on_loopback, process_group
from remanence.training.sharded import ShardedClipping


def backward(network):
    torch.manual_seed(0)
    (100 * network(torch.randn(4, 3))).square().sum().backward()
    return torch.cat([parameter.grad.flatten() for parameter in network.parameters()])


@pytest.mark.filterwarnings("ignore:.*NO_SHARD")
def test_gradients_are_clipped_by_their_whole_norm():
    own = nn.Linear(3, 2)
    with on_loopback(), process_group(0, 1, dist.HashStore()):
        sharded = FullyShardedDataParallel(nn.Linear(3, 2), device_id=torch.device("cpu"), use_orig_params=True)
        own.load_state_dict(sharded.state_dict())
        backward(sharded)
        trainer = SimpleNamespace(strategy=SimpleNamespace(model=sharded))
        ShardedClipping(0.5).on_before_optimizer_step(trainer, None, None)
        clipped = torch.cat([parameter.grad.flatten() for parameter in sharded.parameters()])

    whole = backward(own)
    assert clipped.norm() == pytest.approx(0.5, rel=1e-4)
    torch.testing.assert_close(clipped, 0.5 * whole / whole.norm())


@pytest.mark.parametrize(("strategy", "own", "lightnings"), [("fsdp", [0.5], None), ("ddp", [], 0.5)])
def test_gradients_are_clipped_once(tmp_path, monkeypatch, strategy, own, lightnings):
    asked = {}
    monkeypatch.setattr(trainers, "Trainer", lambda **arguments: asked.update(arguments))

    changes = {"strategy": strategy, "gradient_clip_val": 0.5}
    trainers.build_trainer(replace(TRAINER, **changes), CALLBACKS, logger=None, checkpoints=tmp_path)

    assert [callback.limit for callback in asked["callbacks"] if isinstance(callback, ShardedClipping)] == own
    assert asked["gradient_clip_val"] == lightnings
