"""Failed trials: what they are called, what they leave, and when they end a sweep."""

import pytest
import small_sweep

from remanence.errors import UnknownObjective
from remanence.models.dnn import DNN
from remanence.sweeps.outcome import Outcome

pytestmark = pytest.mark.usefixtures("unillustrated")

SMALL = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "baselines=none", "sweep.name=f")


class OutOfMemoryError(RuntimeError):
    """As torch's: known by its name."""


class RankError(RuntimeError):
    """As that of another process of the training: known by its name."""


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (FloatingPointError("weights are not finite"), "diverged", "weights are not finite"),
        (MemoryError(), "out of memory", "MemoryError"),
        (OutOfMemoryError("Tried to allocate 20 GiB"), "out of memory", "Tried to allocate 20 GiB"),
        (RuntimeError("CUDA out of memory. Tried"), "out of memory", "CUDA out of memory. Tried"),
        (RankError("rank 1 was killed by SIGKILL"), "killed", "rank 1 was killed by SIGKILL"),
        (RankError("rank 1: MemoryError: "), "out of memory", "rank 1: MemoryError:"),
        (UnknownObjective("objective: no metric 'x'"), "unknown objective", "objective: no metric 'x'"),
        (ArithmeticError("first line\nsecond"), "ArithmeticError", "first line"),
    ],
)
def test_a_failure_is_called_by_what_it_means(error, kind, message):
    assert Outcome.of_exception(error) == Outcome("failed", kind=kind, message=message)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_an_objective_that_is_no_number_has_diverged(value):
    outcome = Outcome.of_values({"val/mae": 1.0, "val/mse": value})

    assert (outcome.state, outcome.kind, outcome.message) == ("failed", "diverged", f"val/mse is {value}")


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


def test_failures_are_named_and_the_sweep_goes_on(command, failing, parent, children, trials, artifact):
    failing[0.02] = MemoryError()
    failing[0.03] = ArithmeticError("of the test\nwith a second line")

    lr = "model.lr=1e30,0.02,0.03,0.04"
    result = command("train", "-m", *SMALL, "data.batch_size=4", lr, "hydra.sweeper.fuse=off")

    assert result.code == 0, result.err
    assert "f: 1 ok, 0 pruned, 3 failed, 0 skipped" in result.out
    kinds = [trial.user_attrs["kind"] for trial in trials("f")]
    assert kinds == ["diverged", "out of memory", "ArithmeticError", ""]
    assert "trial 0 failed: training diverged: weights are not finite" in result.out
    assert "trial 1 failed: out of memory: MemoryError\n" in result.out
    assert "trial 2 failed: ArithmeticError: of the test\n" in result.out
    assert [run.info.status for run in (*children(), parent())] == ["FAILED"] * 3 + ["FINISHED"] * 2
    for run, words in zip(children(), ("FloatingPointError", "MemoryError", "with a second line"), strict=False):
        assert words in artifact(run, "traceback.txt").read_text()


def test_a_failure_of_one_trial_leaves_those_that_train_with_it_alone(command, monkeypatch, children, trials):
    untouched = DNN.row_loss

    def row_loss(self, x, y):
        if self.hparams["lr"] == 0.02:
            raise ArithmeticError("of the test")
        return untouched(self, x, y)

    monkeypatch.setattr(DNN, "is_dense", False)  # so that the loss is computed by the network itself
    monkeypatch.setattr(DNN, "row_loss", row_loss)

    result = command("train", "-m", *SMALL, "data.batch_size=4", "model.lr=0.02,1e30,0.03,0.04")

    assert result.code == 0, result.err
    assert [trial.user_attrs["kind"] for trial in trials("f")] == ["ArithmeticError", "diverged", "", ""]
    assert [run.info.status for run in children()] == ["FAILED", "FAILED", "FINISHED", "FINISHED"]


@pytest.fixture
def pretended(monkeypatch):
    """Track without training; a trial fails where the learning rate is 0.5."""

    def train(cfg, **given):
        if cfg.model["lr"] == 0.5:
            raise ArithmeticError("of the test")
        return small_sweep.train(cfg, **given)

    monkeypatch.setattr("remanence.verbs.train.train", train)


def test_the_first_failure_ends_a_sweep_that_is_to_stop_with_exit_code_1(command, pretended, parent, children):
    result = command("train", "-m", *SMALL, "model.lr=0.1,0.5,0.2", "hydra.sweeper.on_failure=stop")

    assert result.code == 1
    (line,) = result.err.splitlines()
    assert "the sweep f was stopped: trial 1 failed: ArithmeticError: of the test" in line
    assert "1 ok, 0 pruned, 1 failed, 0 skipped" in result.out
    assert parent().info.status == "FAILED"
    assert len(children()) == 1


def test_a_sweep_without_any_result_is_a_failure_also_when_it_is_repeated(command, pretended):
    first = command("train", "-m", *SMALL, "model.lr=0.5", "seed=0,1")
    again = command("train", "-m", *SMALL, "model.lr=0.5", "seed=0,1")

    assert (first.code, again.code) == (1, 1)
    assert first.err == again.err
    assert "all 2 trials failed, the first by ArithmeticError: of the test" in first.err


def test_values_that_do_not_go_together_are_a_failure_without_a_run(command, pretended, children):
    # of a chain of tables a network needs as many scales
    search = ["data=nbbt,multiscale", "model=dnn,nested_ae_multiscale"]
    sampled = ["hydra.sweeper.sampler=random", "hydra.sweeper.n_trials=2", "hydra.sweeper.seed=2"]

    result = command("train", "-m", "baselines=none", *search, *sampled)

    assert result.code == 0, result.err
    assert "1 ok, 0 pruned, 1 failed, 0 skipped" in result.out
    assert (
        "trial 1 failed: ConfigurationError: model: NestedAE is a model for data of kind 'chain', and NBBT"
        in result.out
    )
    assert len(children()) == 1
