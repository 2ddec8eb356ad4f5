import pytest
import torch

from remanence.data.spectra.module import SpectraModule, blend
from remanence.data.spectra.toy import Toy


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_share_of_the_spectra_is_blended_with_others_in_uniform_proportions(share):
    torch.manual_seed(0)
    pure = torch.eye(600)[:, :, None]  # every spectrum its own step, so that a blend shows its parts

    blended = blend(pure, share)[:, :, 0]

    own, others = blended.diagonal(), blended - blended.diagonal().diag()
    torch.testing.assert_close(own + others.sum(dim=1), torch.ones(600))
    assert (others.count_nonzero(dim=1) <= 1).all()  # of one other spectrum only
    assert float((own < 1).float().mean()) == pytest.approx(share, abs=0.05)
    if share:
        assert float(1 - own[own < 1].mean()) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("mixup", [0.0, 1.0])
def test_only_training_spectra_are_blended(mixup):
    data = Toy(colours=40, validation=10, gamut=10, image_size=4, batch_size=16, mixup=mixup).open()
    module, own = SpectraModule(data), {tuple(row) for row in data.x[..., 0].tolist()}

    drawn = torch.cat(list(module.train_dataloader()))
    validated = torch.cat(list(module.val_dataloader()))

    assert drawn.shape == (40, 25, 1)
    assert all(tuple(row) in own for row in drawn[..., 0].tolist()) is (mixup == 0)
    assert torch.equal(validated, torch.as_tensor(data.x[data.fold.validation]))
