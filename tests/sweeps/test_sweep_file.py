import pytest

from remanence.configuration.composed_files import compose_files
from remanence.sweeps.sweep_file import also_set


@pytest.mark.parametrize(
    ("overrides", "searched", "line"),
    [
        (
            ["sweep=piezo/bayes"],
            ["model.lr"],
            "sweep=piezo/bayes also sets augmentation=noise, ensemble=stacked, baselines=none, ensemble.repeats=1, "
            "trainer.max_epochs=100, callbacks.patience=40",
        ),
        (
            ["sweep=piezo/bayes", "augmentation=none", "trainer.max_epochs=7"],
            ["callbacks.patience"],
            "sweep=piezo/bayes also sets ensemble=stacked, baselines=none, ensemble.repeats=1",
        ),
        (
            ["experiment=nested/perovskite", "sweep=nested/losses"],
            [],
            "sweep=nested/losses also sets baselines=none, objective=val/mae",
        ),
        (["sweep=piezo/losses"], ["model.loss"], ""),
        ([], ["model.loss"], ""),
    ],
)
def test_a_sweep_says_what_its_file_sets_beside_the_search(overrides, searched, line):
    assert also_set(compose_files(overrides).cfg, searched) == line


def test_a_users_own_file_is_read(tmp_path):
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "mine.yaml").write_text(
        "# @package _global_\nseed: 3\nhydra: {sweeper: {params: {model.lr: '1,2'}}}\n"
    )
    cfg = compose_files([f"hydra.searchpath=[file://{tmp_path}]", "sweep=mine"]).cfg

    assert also_set(cfg, ["model.lr"]) == "sweep=mine also sets seed=3"


def test_the_line_stands_before_the_first_trial(command, unillustrated):
    small = ("data.replicates=4", "trainer.max_epochs=1", "ensemble=single", "augmentation=none")
    result = command("train", "-m", "experiment=piezo/single", "sweep=piezo/bayes", *small, "hydra.sweeper.n_trials=1")

    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == (
        "sweep=piezo/bayes also sets baselines=none, ensemble.repeats=1, callbacks.patience=40"
    )
