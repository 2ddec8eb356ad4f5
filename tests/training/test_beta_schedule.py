import pytest

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked
from remanence.training.beta_schedule import BetaSchedule, calibrated_step

SPECTRA = ["data=toy", "model=beta_vae", "baselines=none"]
"""Data for which a schedule means something."""


def schedule(kind="staged", **arguments):
    """Return warm-up 0-3, rise 4-11 in stages of three epochs (the last of two), refinement 12-21."""
    given = {"max_epochs": 22, "warmup_epochs": 4, "stage_epochs": 3, "refine_epochs": 10, "step": 0.1}
    return BetaSchedule(kind=kind, **given | arguments)


def configured(name, max_epochs, **arguments):
    """Return a schedule of ``conf/beta_schedule``."""
    group = compose([f"beta_schedule={name}", f"trainer.max_epochs={max_epochs}"]).beta_schedule
    return BetaSchedule(**dict(group) | arguments, max_epochs=max_epochs)


@pytest.mark.parametrize(
    ("epoch", "stage"),
    [(0, 0), (3, 0), (4, 1), (6, 1), (7, 2), (9, 2), (10, 3), (11, 3), (12, -1), (21, -1)],
)
def test_an_epoch_belongs_to_the_warm_up_a_stage_or_the_refinement(epoch, stage):
    assert schedule().stage(epoch) == stage


def test_every_stage_ends_once_and_the_next_begins_with_the_following_epoch():
    staged = schedule()

    ends = [epoch for epoch in range(22) if staged.ends_stage(epoch)]
    begins = [epoch for epoch in range(22) if staged.begins_stage(epoch)]

    assert ends == [3, 6, 9, 11]  # the refinement is no stage: it ends with the training
    assert begins == [4, 7, 10, 12]


def test_without_a_refinement_the_last_stage_ends_with_the_training():
    staged = schedule(refine_epochs=0)

    assert [epoch for epoch in range(22) if staged.ends_stage(epoch)] == [3, 6, 9, 12, 15, 18, 21]
    assert -1 not in {staged.stage(epoch) for epoch in range(22)}


@pytest.mark.parametrize(
    ("epoch", "beta"),
    [(0, 0), (1999, 0), (2000, 0.005), (2099, 0.005), (2100, 0.01), (5900, 0.2), (5999, 0.2), (6000, 0.205)],
)
def test_the_published_toy_schedule_reaches_its_selected_beta(epoch, beta):
    assert configured("staged_toy", 6500).beta(epoch) == pytest.approx(beta)


@pytest.mark.parametrize(
    ("epoch", "beta"),
    [(5999, 0), (6000, 0.0025), (6999, 0.0025), (7000, 0.005), (12_000, 0.0175), (12_999, 0.0175), (13_000, 0.02)],
)
def test_the_published_schedule_of_the_loops_reaches_its_selected_beta(epoch, beta):
    assert configured("staged_pzt", 20_000).beta(epoch) == pytest.approx(beta)


@pytest.mark.parametrize("name", ["staged_toy", "staged_pzt"])
def test_published_schedules_forget_the_optimiser_and_penalise_from_the_start(name):
    staged = configured(name, 20_000)

    assert staged.reset_optimizer
    assert staged.penalty(0, 0.0) == pytest.approx(1e-5)
    assert staged.penalty(19_999, 0.2) == pytest.approx(1e-5 * 10**0.2)
    assert {staged.lr_factor(epoch) for epoch in (0, 10_000, 19_999)} == {1.0}


@pytest.mark.parametrize(("l1", "l1_in_warmup"), [(False, False), (False, True), (True, False), (True, True)])
def test_lambda_is_linked_to_beta_where_it_acts(l1, l1_in_warmup):
    staged = schedule(l1=l1, l1_in_warmup=l1_in_warmup)

    assert staged.penalty(3, 0.0) == (1e-5 if l1 and l1_in_warmup else 0.0)
    for beta in (0.0, 0.3, 1.0):
        assert staged.penalty(4, beta) == pytest.approx(1e-5 * 10**beta if l1 else 0.0)


def test_a_step_that_was_calibrated_is_added_at_each_stage():
    staged = schedule(step=None)

    assert [staged.beta(epoch, step=0.02) for epoch in (3, 4, 6, 7, 10, 11)] == pytest.approx(
        [0, 0.02, 0.02, 0.04, 0.06, 0.06]
    )
    assert staged.calibrates
    assert not schedule(step=0.1).calibrates
    assert not schedule("linear", step=None).calibrates


def test_a_linear_rise_reaches_its_peak_in_the_last_epoch_before_the_refinement():
    betas = [schedule("linear", peak=0.8).beta(epoch) for epoch in range(12)]

    assert betas == pytest.approx([0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])


def test_a_cycle_rises_in_its_first_half_and_stays_in_its_second():
    cyclical = schedule("cyclical", peak=0.8, cycle_epochs=4, refine_epochs=0, max_epochs=12)

    assert [cyclical.beta(epoch) for epoch in range(12)] == pytest.approx([0] * 4 + 2 * [0.4, 0.8, 0.8, 0.8])


@pytest.mark.parametrize("kind", ["staged", "linear", "cyclical"])
def test_the_refinement_falls_geometrically_and_stays_at_its_end(kind):
    refined = schedule(kind, refine_from=0.1, refine_to=0.001, cycle_epochs=2)

    betas = [refined.beta(epoch, chosen=0.7) for epoch in range(12, 22)]

    assert betas == pytest.approx([0.1 * 0.01 ** (done / 9) for done in range(10)])
    assert betas[0] == pytest.approx(0.1)
    assert betas[9] == pytest.approx(0.001)


def test_the_refinement_begins_with_the_beta_of_the_chosen_stage():
    assert schedule(refine_to=1e-3).beta(12, chosen=0.3) == pytest.approx(0.3)
    assert schedule(refine_to=1e-3).beta(12, chosen=0.0) == pytest.approx(1e-3)  # chosen in a warm-up
    assert schedule(refine_from=0.05).beta(12, chosen=0.3) == pytest.approx(0.05)


def test_without_a_schedule_nothing_changes():
    none = configured("none", 5)

    for epoch in range(5):
        assert none.beta(epoch) == none.penalty(epoch, 0.0) == 0.0
        assert none.lr_factor(epoch) == 1.0
        assert none.stage(epoch) != -1


def test_the_learning_rate_rises_stays_and_falls_over_the_refinement():
    cosine = schedule("linear", cosine=True, max_epochs=200, warmup_epochs=10, refine_epochs=100)

    assert cosine.lr_factor(0) == pytest.approx(0.001 / 4)
    assert cosine.lr_factor(2) == pytest.approx(0.5, abs=1e-3)
    assert [cosine.lr_factor(epoch) for epoch in (4, 50, 100)] == pytest.approx([1, 1, 1])
    assert cosine.lr_factor(150) == pytest.approx(0.5)
    assert cosine.lr_factor(200) == pytest.approx(0, abs=1e-12)


def test_without_a_refinement_the_learning_rate_falls_over_the_whole_training():
    cosine = schedule("linear", cosine=True, max_epochs=200, refine_epochs=0)

    assert cosine.lr_factor(100) == pytest.approx(0.5)
    assert cosine.lr_factor(200) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("share", [0.1, 0.6, 0.9])
def test_the_calibrated_step_has_its_share_of_the_loss(share):
    beta = calibrated_step(0.03, 1.7, share)

    assert beta * 1.7 / (0.03 + beta * 1.7) == pytest.approx(share)


def test_latents_without_divergence_calibrate_nothing():
    assert calibrated_step(0.03, 0.0) == 0.0


@pytest.mark.parametrize("max_epochs", [5, 14])
def test_epochs_that_leave_none_to_rise_in_are_refused_naming_the_keys(max_epochs):
    with pytest.raises(ConfigurationError) as refused:
        schedule(max_epochs=max_epochs)

    (line,) = str(refused.value).splitlines()
    for part in (
        f"trainer.max_epochs: {max_epochs} ",
        "beta_schedule.warmup_epochs=4",
        "beta_schedule.refine_epochs=10",
    ):
        assert part in line
    assert schedule(max_epochs=15).stage(4) == 1


def test_a_step_cannot_be_calibrated_without_a_warm_up():
    with pytest.raises(ConfigurationError, match=r"beta_schedule.warmup_epochs: .*at least 1 epoch, got 0"):
        schedule(warmup_epochs=0, step=None)

    assert schedule(warmup_epochs=0).beta(0) == pytest.approx(0.1)


@pytest.mark.parametrize("name", choices(conf_folder() / "beta_schedule"))
def test_every_configuration_is_a_schedule(name):
    cfg = checked(compose([*SPECTRA, f"beta_schedule={name}", "trainer.max_epochs=20000"]))

    made = BetaSchedule(**vars(cfg.beta_schedule), max_epochs=20_000)
    assert made.kind == {"refined": "linear", "small": "linear"}.get(kind := name.split("_")[0], kind)
    risen = [made.beta(epoch, step=0.01) for epoch in range(made.warmup_epochs, made.rise_end)]
    assert made.beta(0, step=0.01) == 0.0
    assert max(risen) > 0 or made.kind == "none"


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("beta_schedule.share=1", "beta_schedule.share"),
        ("beta_schedule.refine_to=0", "beta_schedule.refine_to"),
        ("beta_schedule.refine_from=0", "beta_schedule.refine_from"),
        ("beta_schedule.wanted=0", "beta_schedule.wanted"),
        ("beta_schedule.stage_epochs=0", "beta_schedule.stage_epochs"),
        ("+beta_schedule.step=0.1", "beta_schedule.step: unknown key"),  # a linear rise has none
        ("beta_schedule.kind=fast", "beta_schedule.kind: should be one of"),
        ("trainer.max_epochs=20", "trainer.max_epochs: 20 epochs leave none"),
    ],
)
def test_a_configuration_that_makes_no_schedule_names_its_key(override, reason):
    with pytest.raises(ConfigurationError) as refused:
        checked(compose([*SPECTRA, "beta_schedule=linear", "beta_schedule.warmup_epochs=20", override]))

    assert reason in str(refused.value)


def test_nats_are_free_in_the_refinement_only():
    refined = schedule("linear", free_nats=0.5)

    assert [refined.free(epoch) for epoch in (0, 4, 11, 12, 21)] == [0, 0, 0, 0.5, 0.5]
    assert schedule("linear").free(12) == 0


def test_latents_are_revived_early_in_the_refinement_if_they_have_free_nats():
    assert [epoch for epoch in range(22) if schedule("linear", free_nats=0.5).revives(epoch)] == [12, 14, 17]
    assert not any(schedule("linear").revives(epoch) for epoch in range(22))
    assert not any(schedule("linear", free_nats=0.5, refine_epochs=0).revives(epoch) for epoch in range(22))
