from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_lightning import Callback
from small_training import checkpoint_of, same, weights_of
from small_unmixing import LINEAR, STAGED, UNSCHEDULED, Diary, make_model, make_trainer, open_toy, staging_of, train

from remanence.models.beta_vae import BetaVAE
from remanence.science.unmixing.active_units import kl_per_latent


@pytest.fixture(scope="module")
def data():
    return open_toy()


@pytest.fixture(scope="module")
def refined(data, tmp_path_factory):
    """A training with a refinement, and what it went through."""
    diary, folder = Diary(), tmp_path_factory.mktemp("refined")
    unmixed, trainer, staging = train(data, folder, LINEAR, watchers=[diary])
    return unmixed, trainer, staging, diary


def test_beta_and_lambda_are_those_of_the_schedule_in_every_epoch(data, tmp_path):
    diary = Diary()

    _, _, staging = train(data, tmp_path, replace(STAGED, step=0.1, l1=True), watchers=[diary])

    expected = [0, 0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4]
    assert diary.beta == pytest.approx(expected)
    assert staging.betas == pytest.approx(expected)
    assert diary.l1 == pytest.approx([0, 0, *(1e-5 * 10**beta for beta in expected[2:])])


@pytest.mark.parametrize(("weights", "epoch"), [("best", 6), ("last", 9)])
def test_the_schedule_says_which_weights_of_the_refinement_are_kept(data, tmp_path, weights, epoch):
    class Worse(Callback):
        def on_validation_epoch_end(self, trainer, model):
            trainer.callback_metrics["val/mse"].fill_(trainer.current_epoch)

    unmixed, _, _ = train(data, tmp_path, replace(LINEAR, weights=weights), watchers=[Worse()])

    assert unmixed.best_epoch == epoch


def test_the_first_beta_has_its_share_of_the_loss_at_the_end_of_the_warm_up(data, tmp_path):
    diary = Diary()

    _, _, staging = train(data, tmp_path, replace(STAGED, share=0.6), watchers=[diary])

    mse, kl = diary.metrics[1]["train/mse"], diary.metrics[1]["train/kl"]
    beta = diary.beta[2]
    assert beta * kl / (mse + beta * kl) == pytest.approx(0.6)
    assert diary.beta == pytest.approx([0, 0, beta, beta, 2 * beta, 2 * beta, 3 * beta, 3 * beta, 4 * beta, 4 * beta])
    assert staging.step == pytest.approx(beta)


def test_the_errors_that_calibrate_are_those_of_the_whole_epoch(data, tmp_path, monkeypatch):
    seen = []
    untouched = BetaVAE.log_dict

    def spy(self, values, *args, **kwargs):
        if "train/mse" in values:
            seen.append(
                (self.current_epoch, kwargs["batch_size"], values["train/mse"].item(), values["train/kl"].item())
            )
        untouched(self, values, *args, **kwargs)

    monkeypatch.setattr(BetaVAE, "log_dict", spy)

    _, _, staging = train(data, tmp_path, STAGED, max_epochs=3)

    rows = np.array([row[1:] for row in seen if row[0] == 1])
    assert rows[:, 0].tolist() == [16, 16, 16, 12]
    mse, kl = np.average(rows[:, 1:], axis=0, weights=rows[:, 0])
    assert mse != pytest.approx(rows[-1, 1], rel=1e-3)
    assert staging.step == pytest.approx(1.5 * mse / kl, rel=1e-5)  # 0.6 / (1 - 0.6)


def test_the_learning_rate_follows_the_schedule_within_an_epoch(data, tmp_path):
    diary = Diary()

    _, _, staging = train(data, tmp_path, replace(LINEAR, cosine=True), watchers=[diary], model={"lr": 0.02})

    assert diary.lr == pytest.approx([0.02 * staging.schedule.lr_factor(batch / 4) for batch in range(40)])
    assert diary.lr[-1] < 0.01 * 0.02 < diary.lr[24]


@pytest.mark.parametrize(("reset", "kept"), [(True, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]), (False, [0] + [1] * 9)])
def test_the_moments_are_forgotten_at_each_stage_if_asked(data, tmp_path, reset, kept):
    diary = Diary()

    train(data, tmp_path, replace(STAGED, reset_optimizer=reset), watchers=[diary])

    assert [int(number > 0) for number in diary.moments] == kept


def test_the_moments_are_forgotten_when_the_refinement_begins(refined):
    assert [int(number > 0) for number in refined[3].moments] == [0, 1, 1, 1, 1, 1, 0, 1, 1, 1]


def test_a_stage_begins_with_the_best_weights_of_the_one_before_if_asked(data, tmp_path):
    def trained(lr, **options):
        diary = Diary()
        settings = replace(STAGED, stage_epochs=4, **options)
        train(data, tmp_path / f"{lr} {options}", settings, watchers=[diary], model={"lr": lr})
        return diary

    def best_of_the_first_stage(diary):
        return min(range(2, 6), key=lambda epoch: diary.metrics[epoch]["val/mse"])

    def without_schedule(weights):
        return {name: value for name, value in weights.items() if name not in ("beta", "l1")}

    diaries = {lr: trained(lr, reload_best=True) for lr in (0.05, 0.1, 0.2)}
    # steps so large that the last epoch is not always the best; with which of them, the machine decides
    lr = next(lr for lr, diary in diaries.items() if best_of_the_first_stage(diary) != 5)
    reloading, plain = diaries[lr], trained(lr)

    assert same(without_schedule(plain.begun[6]), without_schedule(plain.ended[5]))
    best = best_of_the_first_stage(reloading)
    assert same(without_schedule(reloading.begun[6]), without_schedule(reloading.ended[best]))


def test_errors_of_an_earlier_stage_are_not_compared_with_those_of_a_later_one(data, tmp_path):
    trainer = train(data, tmp_path, replace(LINEAR, refine_from=5.0, refine_to=5.0), max_epochs=8)[1]

    assert checkpoint_of(trainer).best_epoch >= 4  # of the refinement, though β has ruined it


def test_the_weights_at_the_end_of_every_stage_are_kept(refined):
    _, trainer, staging, diary = refined
    folder = checkpoint_of(trainer).folder

    assert sorted(path.name for path in folder.glob("stage_*")) == [
        "stage_000.ckpt",
        "stage_001.ckpt",
        "stage_002.ckpt",
    ]
    assert [(stage.number, stage.epoch) for stage in staging.stages] == [(0, 1), (1, 3), (2, 5)]
    for stage in staging.stages:
        weights = torch.load(folder / f"stage_{stage.number:03d}.ckpt", weights_only=True)
        assert same(weights, diary.ended[stage.epoch])
        assert stage.mse == diary.metrics[stage.epoch]["val/mse"]
        assert stage.beta == pytest.approx(staging.betas[stage.epoch])
        assert stage.active_units == sum(kl > 0.05 for kl in staging.kl[stage.epoch])


def test_active_units_are_counted_on_the_validation_spectra_after_every_epoch(data, refined):
    _, _, staging, diary = refined

    assert np.array(staging.kl).shape == (10, 4)
    assert [metrics["val/active_units"] for metrics in diary.metrics] == [
        sum(kl > 0.05 for kl in row) for row in staging.kl
    ]
    assert [metrics["val/kl"] for metrics in diary.metrics] == pytest.approx(np.mean(staging.kl, axis=1).tolist())
    model = make_model()
    model.load_state_dict(diary.ended[3])
    counted = kl_per_latent(*model.posterior(data.x[data.fold.validation]))
    np.testing.assert_allclose(staging.kl[3], counted, rtol=1e-5)


def test_the_refinement_begins_at_the_chosen_stage_with_its_strongest_latents(refined):
    _, _, staging, diary = refined
    at_choice = np.array(staging.kl[staging.chosen.epoch])
    strongest = set(np.argsort(at_choice)[-2:])

    assert diary.begun[5]["mask"].tolist() == [1, 1, 1, 1]
    assert set(np.flatnonzero(diary.begun[6]["mask"])) == strongest
    for name, value in diary.begun[6].items():
        if name not in ("beta", "l1", "mask"):
            assert value.equal(diary.ended[staging.chosen.epoch][name]), name


def test_the_refinement_keeps_the_active_set(refined):
    unmixed, _, staging, diary = refined
    kept = diary.begun[6]["mask"].bool().numpy()

    for epoch in range(6, 10):
        assert diary.ended[epoch]["mask"].tolist() == kept.tolist()
        assert (np.array(staging.kl[epoch])[~kept] == 0).all()
        assert diary.metrics[epoch]["val/active_units"] <= 2
    assert (unmixed.kl[~kept] == 0).all()
    assert unmixed.model.mask.tolist() == kept.tolist()


def test_beta_falls_over_the_refinement_from_that_of_the_chosen_stage(refined):
    _, _, staging, diary = refined

    assert diary.beta[6] == pytest.approx(staging.chosen.beta)
    assert diary.beta[6] > diary.beta[7] > diary.beta[8] > diary.beta[9]
    assert diary.beta[5] == pytest.approx(0.5)


def test_without_a_schedule_the_best_epoch_is_kept_and_no_stage(data, tmp_path):
    diary = Diary()

    unmixed, _, staging = train(data, tmp_path, UNSCHEDULED, watchers=[diary], max_epochs=4)

    assert diary.beta == [0] * 4
    assert (staging.stages, staging.chosen, staging.step) == ([], None, None)
    assert not list(tmp_path.glob("stage_*"))
    assert unmixed.best_epoch == min(range(4), key=lambda epoch: diary.metrics[epoch]["val/mse"])


class Untidy(Callback):
    """Draws random numbers wherever it may, as another logger or progress bar would."""

    def on_validation_epoch_end(self, *_):
        np.random.random(3)


def test_two_trainings_with_one_seed_are_identical_and_with_another_are_not(data, tmp_path):
    first, second, third = (
        weights_of(train(data, tmp_path / str(number), LINEAR, seed=seed, watchers=watchers)[0].model)
        for number, (seed, watchers) in enumerate([(0, []), (0, [Untidy()]), (1, [])])
    )

    assert same(first, second)
    assert not same(first, third)


def test_counting_active_units_draws_nothing(data, tmp_path):
    trainer = make_trainer(data, tmp_path, LINEAR)
    model, state = make_model(), torch.get_rng_state()
    logged = {}
    model.log_dict = lambda values, **_: logged.update(values)
    model.log = lambda name, value, **_: logged.update({name: value})

    staging_of(trainer).on_validation_epoch_end(trainer, model)

    assert torch.equal(torch.get_rng_state(), state)
    assert set(logged) == {"val/kl", "val/active_units", "beta"}


def test_the_state_of_the_staging_is_made_of_plain_values(refined, tmp_path):
    _, _, staging, _ = refined
    torch.save(staging.state_dict(), tmp_path / "state.pt")

    other = staging_of(make_trainer(open_toy(), tmp_path, LINEAR))
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))

    assert other.state_dict() == staging.state_dict()
    assert other.chosen in other.stages
