"""One network trained by two processes."""

from itertools import chain

import numpy as np
import pytest
import rank_work
import torch
from small_training import make_model, open_data, same
from small_unmixing import open_toy

from remanence.training.started_ranks import Lead, RankError

pytestmark = pytest.mark.slow


def train(work, folder, checkpoints, **options):
    """Train in two processes and return what each tells."""
    folder.mkdir(exist_ok=True)
    given = (str(folder), str(checkpoints), options)
    work(Lead(2, work), *given)
    return [torch.load(folder / f"rank{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training of a network on a table, left alone."""
    folder = tmp_path_factory.mktemp("whole")
    return train(rank_work.fit_table, folder, folder / "checkpoints")


def rows_of(told, epoch):
    return [tuple(row) for number, batch in told["batches"] if number == epoch for row in batch]


def test_each_process_sees_half_of_the_rows_in_half_of_the_batches(whole):
    data = open_data()
    known = [tuple(row) for row in torch.as_tensor(data.x[data.fold.train], dtype=torch.float32).tolist()]
    assert len(known) == 26

    for epoch in range(6):
        first, second = (rows_of(told, epoch) for told in whole)
        assert sorted(first + second) == sorted(known)
    assert [[len(batch) for _, batch in told["batches"][:2]] for told in whole] == [[8, 5], [8, 5]]
    assert rows_of(whole[0], 0) != rows_of(whole[0], 1)


def test_both_processes_have_the_same_weights_metrics_and_best_epoch(whole):
    first, second = whole

    assert same(first["weights"], second["weights"])
    assert first["metrics"] == second["metrics"]
    assert first["best"] == second["best"]
    losses = [metrics["val/loss"] for metrics in first["metrics"]]
    assert first["best"] == int(np.argmin(losses))


def test_the_validation_loss_is_that_of_all_validation_rows(whole):
    data, model = open_data(), make_model()
    model.prepare(*data.part("train"))
    model.load_state_dict(whole[0]["weights"])
    x, y = (torch.as_tensor(values, dtype=torch.float32) for values in data.part("validation"))

    with torch.no_grad():
        loss = model.eval().row_loss(x, y).mean().item()

    assert min(metrics["val/loss"] for metrics in whole[0]["metrics"]) == pytest.approx(loss, rel=1e-6)


def test_each_process_draws_noise_of_its_own(whole):
    assert not set(whole[0]["noise"]) & set(whole[1]["noise"])


def test_a_resumed_training_is_that_of_an_uninterrupted_one_in_both_processes(whole, tmp_path):
    train(rank_work.fit_table, tmp_path / "part", tmp_path / "checkpoints", max_epochs=3)

    resumed = train(
        rank_work.fit_table,
        tmp_path / "rest",
        tmp_path / "checkpoints",
        resume_from=str(tmp_path / "checkpoints/last.ckpt"),
    )

    for told, uninterrupted in zip(resumed, whole, strict=True):
        assert same(told["weights"], uninterrupted["weights"])
        assert told["metrics"] == uninterrupted["metrics"][3:]
        assert told["noise"] == uninterrupted["noise"][3:]
        assert told["best"] == uninterrupted["best"]


def test_checkpoints_are_written_once_and_belong_to_no_process(whole, tmp_path):
    train(rank_work.fit_table, tmp_path / "told", tmp_path / "checkpoints", max_epochs=2)

    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]
    last = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    assert not [name for name in last["state_dict"] if name.startswith("module.")]
    assert len(last["callbacks"]["RandomState"]["ranks"]) == 2


def test_early_stopping_is_agreed_on(tmp_path):
    first, second = train(
        rank_work.fit_table,
        tmp_path,
        tmp_path / "checkpoints",
        max_epochs=60,
        callbacks={"patience": 2},
        model={"lr": 0.5},
    )

    assert first["epochs"] == second["epochs"] < 60
    assert first["epochs"] == first["best"] + 3


def test_the_first_process_alone_decides_that_a_training_is_pruned(tmp_path):
    told = train(rank_work.fit_table, tmp_path, tmp_path / "checkpoints", stop_after=2)

    assert [each["pruned"] for each in told] == [3, 3]
    assert (tmp_path / "checkpoints/last.ckpt").is_file()


def test_a_process_that_fails_while_gradients_are_averaged_ends_the_other(tmp_path):
    with pytest.raises(RankError, match=r"^rank 1: RuntimeError: power cut"):
        train(rank_work.fit_table, tmp_path, tmp_path / "checkpoints", cut=1)
    assert (tmp_path / "checkpoints/last.ckpt").is_file()


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A training of a network on spectra, left alone."""
    folder = tmp_path_factory.mktemp("toy")
    return train(rank_work.fit_toy, folder, folder / "checkpoints"), folder / "checkpoints"


def test_stages_and_what_the_refinement_starts_from_are_agreed_on(toy):
    (first, second), checkpoints = toy

    for key in ("metrics", "stages", "chosen"):
        assert first[key] == second[key]
    for key in ("kl", "betas"):
        assert first[key].equal(second[key])
    assert same(first["weights"], second["weights"])
    assert len(first["stages"]) == 3
    assert sorted(path.name for path in checkpoints.iterdir()) == [
        "best.ckpt",
        "last.ckpt",
        *(f"stage_{number:03d}.ckpt" for number in range(3)),
    ]


def test_spectra_are_shared_out_and_blended_with_noise_of_each_process(toy):
    (first, second), _ = toy

    assert len(open_toy().fold.train) == 60
    for told in (first, second):
        assert [len(batch) for epoch, batch in told["batches"] if epoch == 0] == [16, 14]
    seen = [rows_of(told, 0) for told in (first, second)]
    assert len({*chain(*seen)}) == 60
    assert not set(first["noise"]) & set(second["noise"])


@pytest.mark.parametrize("cut", [0, 1])
def test_a_schedule_of_beta_goes_on_where_it_was_cut_off(toy, tmp_path, cut):
    with pytest.raises(RuntimeError, match="power cut"):
        train(rank_work.fit_toy, tmp_path, tmp_path / "checkpoints", cut=cut)

    resumed = train(
        rank_work.fit_toy, tmp_path, tmp_path / "checkpoints", resume_from=str(tmp_path / "checkpoints/last.ckpt")
    )

    for told, uninterrupted in zip(resumed, toy[0], strict=True):
        assert same(told["weights"], uninterrupted["weights"])
        assert told["metrics"] == uninterrupted["metrics"][3:]
        assert told["noise"] == uninterrupted["noise"][3:]
        assert (told["stages"], told["chosen"]) == (uninterrupted["stages"], uninterrupted["chosen"])
