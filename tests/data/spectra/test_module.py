import pickle
import warnings
from itertools import chain
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pytorch_lightning import LightningModule, Trainer

from remanence.data.spectra.module import Rows, SpectraModule, blend, nearest
from remanence.data.splits import Fold


@pytest.fixture
def data():
    """Spectra whose every value is the number of the pixel."""
    x = np.broadcast_to(np.arange(100, dtype=np.float32)[:, None, None], (100, 7, 2)).copy()
    fold = Fold(train=np.arange(0, 60), validation=np.arange(60, 75), test=np.arange(75, 100))
    return SimpleNamespace(x=x, fold=fold, batch_size=16, mixup=0.0)


def pixels(loader):
    return [batch[:, 0, 0].int().tolist() for batch in loader]


def test_batches_are_float32_spectra(data):
    batches = list(SpectraModule(data).train_dataloader())

    assert [len(batch) for batch in batches] == [16, 16, 16, 12]
    for batch in batches:
        assert batch.dtype == torch.float32
        assert batch.shape[1:] == (7, 2)


@pytest.mark.parametrize("batch_size", [1, 7, 60, 500])
def test_an_epoch_holds_every_training_pixel_once(data, batch_size):
    data.batch_size = batch_size
    loader = SpectraModule(data).train_dataloader()

    for _ in range(2):
        batches = pixels(loader)
        assert sorted(chain(*batches)) == list(range(60))
        assert len(loader) == len(batches)


def test_a_spectrum_stays_in_one_piece(data):
    for batch in SpectraModule(data).train_dataloader():
        assert (batch == batch[:, :1, :1]).all()


def test_every_epoch_has_its_own_order_drawn_by_the_seed(data):
    def two_epochs(seed):
        loader = SpectraModule(data).train_dataloader()
        torch.manual_seed(seed)
        return [pixels(loader) for _ in range(2)]

    first, again, other = two_epochs(0), two_epochs(0), two_epochs(1)

    assert first == again
    assert first[0] != first[1]
    assert first[0] != other[0]


def test_an_epoch_goes_on_from_a_stored_random_state(data):
    loader = SpectraModule(data).train_dataloader()
    torch.manual_seed(0)
    pixels(loader)
    state = torch.get_rng_state()
    second = pixels(loader)

    resumed = SpectraModule(data).train_dataloader()
    torch.set_rng_state(state)

    assert pixels(resumed) == second


def test_validation_is_in_the_order_of_the_pixels(data):
    loader = SpectraModule(data).val_dataloader()

    assert pixels(loader) == [list(range(60, 75))] == pixels(loader)


def test_validation_comes_in_bounded_batches(data):
    data.x = np.zeros((2500, 3, 1), dtype=np.float32)
    data.fold = Fold(train=np.arange(1), validation=np.arange(2300), test=np.arange(1))

    assert [len(batch) for batch in SpectraModule(data).val_dataloader()] == [1000, 1000, 300]


def test_a_batch_is_one_index_into_the_tensor():
    rows = Rows(torch.arange(12.0).reshape(6, 2, 1))

    assert torch.equal(rows[torch.tensor([4, 0, 4])], rows.x[[4, 0, 4]])
    assert len(rows) == 6


def test_a_loader_can_be_sent_to_another_process(data):
    loader = pickle.loads(pickle.dumps(SpectraModule(data).train_dataloader()))

    assert sorted(chain(*pixels(loader))) == list(range(60))


class Mean(LightningModule):
    def __init__(self):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.zeros(()))
        self.seen = []

    def training_step(self, batch):
        self.seen += batch[:, 0, 0].int().tolist()
        return ((batch - self.mean) ** 2).mean()

    def validation_step(self, batch):
        assert len(batch) == 15

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1e-5)


def test_lightning_fits_on_them_without_a_warning(data, tmp_path):
    model = Mean()
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer = Trainer(max_epochs=2, accelerator="cpu", enable_checkpointing=False, **quiet)
        trainer.fit(model, SpectraModule(data))

    assert sorted(model.seen) == sorted([*range(60), *range(60)])
    about = [str(warning.message) for warning in caught]
    assert not [text for text in about if "IterableDataset" in text or "shuffl" in text or "sampler" in text]


def test_a_blend_lies_between_a_spectrum_and_its_partner():
    torch.manual_seed(0)
    batch, partners = torch.zeros(1000, 3, 2), torch.ones(1000, 3, 2)

    blended = blend(batch, partners, 0.5)

    assert ((blended >= 0) & (blended <= 1)).all()
    assert (blended == blended[:, :1, :1]).all()  # one weight for the whole spectrum
    assert 0.4 < (blended == 0).all(dim=(1, 2)).float().mean() < 0.6


def test_partners_are_the_nearest_others():
    x = torch.arange(40.0)[:, None, None].expand(-1, 3, 2)

    found = nearest(x)

    assert found.shape == (40, 8)
    assert sorted(found[20].tolist()) == [16, 17, 18, 19, 21, 22, 23, 24]
    assert nearest(x[:2]).tolist() == [[1], [0]]


def test_only_training_pixels_are_blended(data):
    data.mixup = 1.0

    module = SpectraModule(data)

    validated = torch.cat(list(module.val_dataloader()))
    assert torch.equal(validated, torch.as_tensor(data.x[data.fold.validation]))
    trained = torch.cat(list(module.train_dataloader()))
    assert not torch.equal(trained.sort(dim=0).values, torch.as_tensor(data.x[data.fold.train]).sort(dim=0).values)
