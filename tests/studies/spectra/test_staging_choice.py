from dataclasses import replace

import numpy as np
import pytest
import torch
from small_training import checkpoint_of, same, weights_of
from small_unmixing import LINEAR, STAGED, Diary, make_model, make_trainer, open_toy, staging_of, train

from remanence.errors import ConfigurationError
from remanence.science.unmixing.active_units import active, kl_per_latent
from remanence.studies.spectra.staging import Stage, check_schedule, stage_file


@pytest.fixture(scope="module")
def data():
    return open_toy()


def stages(counts, errors=None):
    """Return stages as a training leaves them, the warm-up first."""
    errors = errors or [0.1] * len(counts)
    return [
        Stage(number, 2 * number + 1, 0.1 * number, error, count)
        for number, (count, error) in enumerate(zip(counts, errors, strict=True))
    ]


@pytest.fixture
def chosen(data, tmp_path):
    """Return the number of the stage that is chosen among stages with these active units and errors."""

    def choose(counts, errors=None, wanted=None, latents=16):
        model = make_model(latents=latents)
        trainer = make_trainer(data, tmp_path, replace(STAGED, wanted=wanted))
        staging = staging_of(trainer)
        staging.stages = stages(counts, errors)
        for stage in staging.stages:
            weights = {name: torch.full_like(value, stage.number) for name, value in model.state_dict().items()}
            torch.save(weights, stage_file(staging.folder, stage))
        stage = staging.choose(model)
        assert stage == staging.chosen
        assert {float(value.mean()) for value in model.state_dict().values()} == {float(stage.number)}
        assert checkpoint_of(trainer).best_epoch == stage.epoch
        return stage.number

    return choose


@pytest.mark.parametrize(
    ("counts", "wanted", "number"),
    [
        ([16, 9, 5, 5, 5, 3], 5, 2),
        ([16, 9, 5, 5, 5, 3], 3, 5),
        ([16, 9, 5, 5, 5, 3], 4, 2),  # never reached: the nearest larger number
        ([16, 9, 5, 5, 5, 3], 16, 1),  # the warm-up is not chosen
        ([16, 9, 5, 5, 5, 3], None, 2),  # the number that persists longest
        ([16, 3, 3, 3, 3, 2], None, 1),  # also if the first step of β leaves it
        ([16], 3, 0),
    ],
)
def test_the_stage_with_the_wanted_or_the_natural_number_of_units_is_chosen(chosen, counts, wanted, number):
    assert chosen(counts, wanted=wanted) == number


def test_as_many_latents_as_the_spectra_have_dimensions_are_kept_if_no_number_is_wanted(data, tmp_path):
    staging = staging_of(make_trainer(data, tmp_path, replace(STAGED, wanted=None, number="dimension")))
    staging.stages = stages([16, 9, 5, 5, 5, 3])
    causes = np.random.default_rng(0).normal(size=(400, 2))
    staging.training = np.sin(0.1 * causes @ np.arange(12.0).reshape(2, 6))[:, :, None]

    assert staging.number(latents=16) == 2
    assert staging.natural_number(latents=16) == 5

    staging.training = np.zeros((400, 6, 1))  # without an estimate, the number that stays longest is taken
    assert staging.number(latents=16) == 5

    staging.schedule = replace(staging.schedule, wanted=4)
    assert staging.number(latents=16) == 4


def test_no_more_latents_are_kept_than_any_stage_uses_unless_they_are_wanted(data, tmp_path):
    def kept(wanted):
        model = make_model()
        trainer = make_trainer(data, tmp_path, replace(LINEAR, wanted=wanted, number="dimension"))
        staging = staging_of(trainer)
        staging.stages, staging.kl = stages([4, 2, 1]), [[3.0, 2.0, 0.01, 0.0]] * 6
        for stage in staging.stages:
            torch.save(model.state_dict(), stage_file(staging.folder, stage))
        trainer.strategy.connect(model)
        staging._begin_refinement(trainer, model)
        return model.mask.tolist()

    assert staging_of(make_trainer(data, tmp_path, replace(LINEAR, wanted=None, number="dimension"))).number(4) == 3
    assert kept(None) == [1, 1, 0, 0]
    assert kept(3) == [1, 1, 1, 0]


def test_kept_latents_that_were_switched_off_are_revived_and_others_are_not(data, tmp_path):
    model = make_model()
    with torch.no_grad():
        for layer in (model.encoder.mean, model.encoder.log_variance):
            layer.weight[1:] = 0.0
            layer.bias[1:] = 0.0
        model.mask[3] = 0.0
    staging = staging_of(make_trainer(data, tmp_path, replace(LINEAR, free_nats=0.5)))
    staging.kl = [[2.0, 0.01, 0.0, 0.0]]

    staging._revive(model, 0)

    revived = kl_per_latent(*(part.detach().numpy() for part in model.eval().encoder(torch.as_tensor(data.x))[:2]))
    assert active(revived).tolist() == [True, True, True, False]


def test_among_equal_numbers_the_least_error_is_chosen(chosen):
    assert chosen([16, 5, 5, 5], [0.01, 0.3, 0.1, 0.2], wanted=5) == 2
    assert chosen([16, 5, 5, 5], [0.01, 0.3, float("nan"), 0.2], wanted=5) == 3


def test_without_a_refinement_the_training_ends_with_the_chosen_stage(data, tmp_path):
    diary = Diary()

    unmixed, _, staging = train(data, tmp_path, STAGED, watchers=[diary])

    assert unmixed.chosen is staging.chosen is not None
    assert unmixed.best_epoch == staging.chosen.epoch
    assert same(weights_of(unmixed.model), diary.ended[staging.chosen.epoch])
    best = torch.load(tmp_path / "best.ckpt", weights_only=True)
    assert same(best["state_dict"], weights_of(unmixed.model))


def test_a_training_that_diverged_in_every_stage_is_a_failure(chosen):
    with pytest.raises(FloatingPointError, match=r"training diverged.*model.lr"):
        chosen([16, 0, 0], [0.1, float("nan"), float("inf")])


def test_nothing_active_after_any_stage_is_a_configuration_error(data, tmp_path):
    model = make_model(lr=1e-30)
    for layer in (model.encoder.mean, model.encoder.log_variance):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)  # the posterior is the prior
    trainer = make_trainer(data, tmp_path, replace(LINEAR, wanted=None))

    with pytest.raises(ConfigurationError) as refused:
        trainer.fit(model, torch.utils.data.DataLoader(data.x[:16]), torch.utils.data.DataLoader(data.x[:16]))

    (line,) = str(refused.value).splitlines()
    assert line.startswith("beta_schedule: no latent is active after any stage")
    assert "beta_schedule.peak" in line


def test_no_more_latents_are_wanted_than_there_are():
    check_schedule(replace(STAGED, wanted=4), make_model(latents=4))
    with pytest.raises(ConfigurationError, match=r"^beta_schedule\.wanted: should be at most model\.latents=4, got 5$"):
        check_schedule(replace(STAGED, wanted=5), make_model(latents=4))
