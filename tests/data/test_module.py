import numpy as np
import pytest
import torch

from remanence.data.module import Rows, TableModule
from remanence.data.nbbt import NBBT

SPLIT = {"folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}


@pytest.fixture(scope="module")
def data():
    table = NBBT(
        series=["NS", "QS"],
        replicates=5,
        target=["d33", "eps_r"],
        features=["x", "lph_slope", "series"],
        categorical=["series"],
        batch_size=16,
        split=SPLIT,
    )
    return table.open()


def epoch(loader):
    return [torch.cat(tensors) for tensors in zip(*loader, strict=True)]


def as_rows(*arrays):
    return sorted(np.concatenate(arrays, axis=1).astype(np.float32).tolist())


def test_batches_are_float32_inputs_and_targets(data):
    batches = list(TableModule(data).train_dataloader())

    assert [len(x) for x, _ in batches] == [16, 16, 6]
    for x, y in batches:
        assert x.dtype == y.dtype == torch.float32
        assert (x.shape[1], y.shape[1]) == (4, 2)


@pytest.mark.parametrize("batch_size", [1, 7, 38, 500])
def test_an_epoch_holds_every_training_row_once(data, monkeypatch, batch_size):
    monkeypatch.setattr(data, "batch_size", batch_size)

    x, y = epoch(TableModule(data).train_dataloader())

    assert as_rows(x, y) == as_rows(*data.part("train"))


def test_epochs_are_shuffled_by_the_seed(data):
    def two_epochs(seed):
        torch.manual_seed(seed)
        loader = TableModule(data).train_dataloader()
        return [epoch(loader)[1] for _ in range(2)]

    first, again, other = two_epochs(0), two_epochs(0), two_epochs(1)

    assert not torch.equal(first[0], first[1])
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_validation_is_one_batch_in_the_order_of_the_table(data):
    ((x, y),) = TableModule(data).val_dataloader()

    expected_x, expected_y = data.part("validation")
    np.testing.assert_array_equal(x.numpy(), expected_x.astype(np.float32))
    np.testing.assert_array_equal(y.numpy(), expected_y.astype(np.float32))


def test_rows_taken_together_are_those_taken_one_by_one():
    rows = Rows(torch.arange(12.0).reshape(6, 2), torch.arange(6.0)[:, None])

    x, y = rows.__getitems__([4, 0, 4])

    assert len(rows) == 6
    assert torch.equal(x, torch.stack([rows[row][0] for row in (4, 0, 4)]))
    assert torch.equal(y, torch.stack([rows[row][1] for row in (4, 0, 4)]))
