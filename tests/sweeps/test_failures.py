"""Failed trials: what they are called, what they leave, and when they end a sweep."""

import optuna
import pytest
import small_sweep

from remanence.models.dnn import DNN

SMALL = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "baselines=none", "sweep.name=f")


@pytest.fixture
def runs_by(all_runs):
    """Return the runs of the trials by the value of a parameter."""

    def find(key):
        return {run.data.params[key]: run for run in all_runs() if "remanence.trial" in run.data.tags}

    return find


@pytest.fixture
def failing(monkeypatch):
    """Let the training of a network with a learning rate raise something."""
    untouched = DNN.training_step
    errors = {}

    def training_step(self, batch, batch_index):
        if self.hparams["lr"] in errors:
            raise errors[self.hparams["lr"]]
        return untouched(self, batch, batch_index)

    monkeypatch.setattr(DNN, "training_step", training_step)
    return errors


def test_failures_are_named_and_the_sweep_goes_on(command, failing, runs_by, artifact, outputs):
    failing[0.02] = MemoryError()
    failing[0.03] = RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
    failing[0.04] = ArithmeticError("of the test\nwith a second line")

    result = command("train", "-m", *SMALL, "data.batch_size=4", "model.lr=1e30,0.02,0.03,0.04,0.05")

    assert result.code == 0, result.err
    assert "f: 1 ok, 0 pruned, 4 failed, 0 skipped" in result.out
    told = {trial.number: trial.user_attrs for trial in optuna.load_study(study_name="f", storage=url(outputs)).trials}
    assert [told[number]["kind"] for number in range(4)] == ["diverged", *["out of memory"] * 2, "ArithmeticError"]
    assert "trial 0 failed: training diverged: weights are not finite" in result.out
    assert (
        "trial 1 failed: out of memory: MemoryError\ntrial 2 failed: CUDA out of memory. Tried to allocate"
        in result.out
    )
    assert "trial 3 failed: ArithmeticError: of the test\n" in result.out
    runs = runs_by("model.lr")
    for lr, words in {"1e+30": "FloatingPointError", "0.02": "MemoryError", "0.04": "with a second line"}.items():
        assert runs[lr].info.status == "FAILED"
        assert words in artifact(runs[lr], "traceback.txt").read_text()
    assert runs["0.05"].info.status == "FINISHED"


def url(outputs):
    return f"sqlite:///{outputs}/sweeps.db"


def test_the_first_failure_ends_a_sweep_that_is_to_stop_with_exit_code_1(command, failing, all_runs):
    failing[0.02] = ArithmeticError("of the test")

    result = command("train", "-m", *SMALL, "model.lr=0.02,0.05", "hydra.sweeper.on_failure=stop")

    assert result.code == 1
    (line,) = result.err.splitlines()
    assert "the sweep f was stopped: trial 0 failed: ArithmeticError: of the test" in line
    assert "0 ok, 0 pruned, 1 failed, 0 skipped" in result.out
    assert [run.info.status for run in all_runs()] == ["FAILED", "FAILED"], "the trial and its sweep"


@pytest.fixture
def pretended(monkeypatch):
    """Track without training; a trial fails where the learning rate is negative."""

    def train(cfg, **given):
        if cfg["model"]["lr"] == 0.5:
            raise ArithmeticError("of the test")
        return small_sweep.train(cfg, **given)

    monkeypatch.setattr("remanence.train.train", train)


def test_a_sweep_without_any_result_is_a_failure_also_when_it_is_repeated(command, pretended):
    first = command("train", "-m", *SMALL, "model.lr=0.5", "seed=0,1")
    again = command("train", "-m", *SMALL, "model.lr=0.5", "seed=0,1")

    assert (first.code, again.code) == (1, 1)
    assert first.err == again.err
    assert "all 2 trials failed, the first by ArithmeticError: of the test" in first.err


def test_values_that_do_not_go_together_are_a_failure_without_a_run(command, pretended, all_runs):
    search = [
        "data=nbbt,multiscale",
        "model=dnn,nested_ae_multiscale",
    ]  # of a chain of tables a network needs as many scales
    sampled = ["hydra.sweeper.sampler=random", "hydra.sweeper.n_trials=2", "hydra.sweeper.seed=2"]

    result = command("train", "-m", "baselines=none", *search, *sampled)

    assert result.code == 0, result.err
    assert "1 ok, 0 pruned, 1 failed, 0 skipped" in result.out
    assert "trial 1 failed: ConfigurationError: data: NBBT is no chain of tables" in result.out
    assert len([run for run in all_runs() if "remanence.trial" in run.data.tags]) == 1
