from itertools import chain
from types import SimpleNamespace

import pytest
import torch

from remanence.data.batches import BatchesOfRows, Shard
from remanence.data.module import TableModule


def shards(size, seed=5):
    """Return the parts of all processes, which agree on ``seed`` whatever they propose."""
    return [Shard(rank, size, lambda _: seed) for rank in range(size)]


def rows_of(batches):
    return [batch.tolist() for batch in batches]


def epoch(rows, batch_size, size, *, seed=5, shuffle=True):
    """Return the batches of each process."""
    return [rows_of(BatchesOfRows(rows, batch_size, shuffle=shuffle, shard=shard)) for shard in shards(size, seed)]


@pytest.mark.parametrize(("rows", "batch_size", "batches"), [(0, 4, 0), (1, 4, 1), (8, 4, 2), (9, 4, 3)])
def test_the_number_of_batches_is_known_before_they_are_drawn(rows, batch_size, batches):
    order = BatchesOfRows(rows, batch_size, shuffle=True)

    assert len(order) == len(list(order)) == batches


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("rows", [12, 13, 14, 1, 2, 100])
@pytest.mark.parametrize("batch_size", [1, 4, 50])
def test_every_row_is_seen_and_every_process_has_batches_of_the_same_sizes(rows, size, batch_size):
    drawn = epoch(rows, batch_size, size)

    sizes = [[len(batch) for batch in batches] for batches in drawn]
    assert sizes == [sizes[0]] * size
    assert len(sizes[0]) == len(BatchesOfRows(rows, batch_size, shuffle=True, shard=Shard(0, size, int)))
    seen = [row for batches in drawn for row in chain(*batches)]
    assert set(seen) == set(range(rows))
    assert len(seen) - rows < size  # filled up by fewer rows than there are processes


def test_rows_that_divide_are_seen_once():
    first, second = epoch(12, 3, 2)

    assert sorted(chain(*first, *second)) == list(range(12))


def test_the_steps_of_all_processes_together_are_the_order_of_one():
    together = [sorted(chain(*step)) for step in zip(*epoch(12, 3, 2), strict=True)]

    order = torch.randperm(12, generator=torch.Generator().manual_seed(5)).tolist()
    assert together == [sorted(order[:6]), sorted(order[6:])]


def test_the_order_is_what_all_agree_on_and_changes_with_it():
    assert epoch(20, 4, 2) == epoch(20, 4, 2) != epoch(20, 4, 2, seed=6)


def test_without_shuffling_the_rows_are_dealt_in_their_order():
    assert epoch(6, 2, 2, shuffle=False) == [[[0, 2], [4]], [[1, 3], [5]]]


def test_one_process_draws_as_it_did_before_there_could_be_several():
    torch.manual_seed(3)
    drawn = rows_of(BatchesOfRows(10, 4, shuffle=True, shard=Shard()))

    torch.manual_seed(3)
    assert list(chain(*drawn)) == torch.randperm(10).tolist()


def test_a_process_proposes_a_seed_of_its_own_generator_and_takes_that_of_the_first():
    proposed = []

    def first_wins(seed):
        proposed.append(seed)
        return proposed[0]

    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = rows_of(BatchesOfRows(20, 5, shuffle=True, shard=Shard(0, 2, first_wins)))
    torch.manual_seed(99)
    second = rows_of(BatchesOfRows(20, 5, shuffle=True, shard=Shard(1, 2, first_wins)))
    torch.set_rng_state(state)
    again = rows_of(BatchesOfRows(20, 5, shuffle=True, shard=Shard(0, 2, lambda seed: seed)))

    assert proposed[0] != proposed[1]
    assert sorted(chain(*first, *second)) == list(range(20))
    assert again == first


def table_module(rank, size):
    """Return the module of a process; the batches are numbered rows."""
    x = torch.arange(30.0)[:, None].double().numpy()
    parts = {"train": (x[:20], x[:20]), "validation": (x[20:], x[20:])}
    table = SimpleNamespace(batch_size=4, part=parts.get)
    module = TableModule(table)
    strategy = SimpleNamespace(broadcast=lambda _: 5)
    module.trainer = SimpleNamespace(world_size=size, global_rank=rank, strategy=strategy)
    return module


def test_processes_share_the_training_rows_of_a_table_and_each_validates_on_all():
    modules = [table_module(rank, 2) for rank in range(2)]

    batches = [[x[:, 0].int().tolist() for x, _ in module.train_dataloader()] for module in modules]
    assert [[len(batch) for batch in own] for own in batches] == [[4, 4, 2]] * 2
    assert sorted(chain(*batches[0], *batches[1])) == list(range(20))
    for module in modules:
        ((x, y),) = module.val_dataloader()
        assert x[:, 0].tolist() == y[:, 0].tolist() == list(range(20, 30))
