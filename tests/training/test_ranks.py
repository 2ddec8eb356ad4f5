import os
from itertools import chain
from types import SimpleNamespace

import pytest
import torch.distributed as dist
from turns import together

from remanence.training.launcher import launched_rank
from remanence.training.ranks import OneMachine, Ranks, on_loopback, process_group
from remanence.training.stacked.member_states import join, part


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [7, 8, 30])
def test_things_are_shared_out_in_order_and_evenly(count, size):
    shares = [Ranks(OneMachine(rank, size)).share(count) for rank in range(size)]

    assert list(chain(*shares)) == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_lightning_is_told_the_place_of_a_process_and_cannot_change_it():
    environment = OneMachine(2, 4, 1234)

    environment.set_global_rank(0)
    environment.set_world_size(1)

    assert (environment.global_rank(), environment.local_rank(), environment.node_rank()) == (2, 2, 0)
    assert (environment.world_size(), environment.main_address, environment.main_port) == (4, "127.0.0.1", 1234)
    assert environment.creates_processes_externally
    assert not OneMachine.detect()


def test_one_process_is_alone():
    alone = Ranks()

    with alone.joined("abc"):
        assert alone.gather({"value": 3}) == [{"value": 3}]
    assert (alone.rank, alone.size, list(alone.share(3))) == (0, 1, [0, 1, 2])


def test_processes_that_agree_go_on():
    assert together(3, lambda ranks: ranks.check("abc")) == [None] * 3


def test_another_configuration_is_refused_by_all_and_named():
    for error in together(3, lambda ranks: ranks.check("other" if ranks.rank == 1 else "abc")):
        assert str(error) == "rank 1 has another configuration (other) than rank 0 (abc)"


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "eth7")
    with on_loopback():
        assert os.environ["GLOO_SOCKET_IFNAME"] != "eth7"
    assert os.environ["GLOO_SOCKET_IFNAME"] == "eth7"

    monkeypatch.delenv("GLOO_SOCKET_IFNAME")
    with on_loopback():
        pass
    assert "GLOO_SOCKET_IFNAME" not in os.environ


@pytest.fixture
def asked(monkeypatch):
    """What is done to the group of processes, in order."""
    done = []
    monkeypatch.setattr(dist, "init_process_group", lambda backend, **_: done.append(backend))
    monkeypatch.setattr(dist, "destroy_process_group", lambda: done.append("destroy"))
    group = SimpleNamespace(WORLD=SimpleNamespace(abort=lambda: done.append("abort")))
    monkeypatch.setattr(dist, "group", group)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    return done


@pytest.mark.parametrize(("on_gpu", "backend"), [(False, "gloo"), (True, "cpu:gloo,cuda:nccl")])
def test_the_first_process_says_how_they_talk_and_does_not_ask_the_machine(asked, on_gpu, backend):
    store = dist.HashStore()

    with process_group(0, 2, store, on_gpu=on_gpu), process_group(1, 2, store):
        pass

    assert asked == [backend, backend, "destroy", "destroy"]


def test_a_process_that_fails_does_not_wait_for_the_others(asked):
    with pytest.raises(KeyboardInterrupt), process_group(0, 1, dist.HashStore()):
        raise KeyboardInterrupt

    assert asked == ["gloo", "abort", "destroy"]


TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": "1"}
SRUN = {"SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"}


@pytest.mark.parametrize(
    ("variables", "rank"),
    [
        ({}, None),
        (TORCHRUN, 1),
        (TORCHRUN | {"WORLD_SIZE": "1", "RANK": "0"}, None),
        (SRUN, 3),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, None),
        (SRUN | {"SLURM_NTASKS": "1", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}, None),
    ],
    ids=["alone", "torchrun", "torchrun of one", "srun", "batch script of a job with tasks", "srun of one"],
)
def test_a_process_beside_others_of_a_launcher_is_told_by_its_environment(variables, rank):
    assert launched_rank(variables) == rank


def test_states_of_members_are_those_that_were_put_together():
    import torch

    whole = {
        "weights": torch.arange(12.0).reshape(4, 3),
        "optimizer": {"state": {0: {"step": torch.tensor(5.0)}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        "lists": [torch.arange(4)],
    }

    parts = [part(whole, range(0, 1)), part(whole, range(1, 4))]
    joined = join(parts)

    assert parts[1]["weights"].tolist() == whole["weights"][1:].tolist()
    assert joined["weights"].equal(whole["weights"])
    assert joined["lists"][0].equal(whole["lists"][0])
    assert joined["optimizer"] == whole["optimizer"]
