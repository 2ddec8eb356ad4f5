"""A chain that is killed goes on in the scale where it was."""

import signal

import pytest

SHORT = (
    *("experiment=nested/synthetic", "data.rows=40", "data.split.folds=2", "ensemble.folds=2", "baselines=none"),
    *("figures=brief", "trainer.max_epochs=4", "callbacks.checkpoint_seconds=0"),
)
TWO_SCALES = ("~model.scales.coarse",)
TUNED = (*TWO_SCALES, "model.fine_tune_epochs=3")


@pytest.fixture
def whole(command, all_runs, client):
    """Return the metrics of a run that was left alone, and forget it."""

    def run(*arguments):
        assert command("train", *SHORT, *arguments).code == 0
        (alone,) = all_runs()
        client.delete_run(alone.info.run_id)
        return alone.data.metrics

    return run


@pytest.fixture
def interrupted(command, all_runs, monkeypatch):
    """Interrupt a run after some epochs of all its scales, resume it, and return it and the epochs of both parts."""
    from remanence.training.stacked.stacked_fit import _Training

    untouched = _Training.run_epoch

    def run(how, epochs, *arguments):
        parts = [], []

        def stop(self):
            if len(parts[0]) == epochs and isinstance(how, Exception):
                raise how
            if len(parts[0]) == epochs:
                signal.raise_signal(how)
            parts[0].append(self.epoch)
            return untouched(self)

        def go_on(self):
            parts[1].append(self.epoch)
            return untouched(self)

        with monkeypatch.context() as patched:
            patched.setattr(_Training, "run_epoch", stop)
            assert command("train", *SHORT, *arguments).code != 0
        (stopped,) = all_runs()
        with monkeypatch.context() as patched:
            patched.setattr(_Training, "run_epoch", go_on)
            result = command("train", f"resume={stopped.info.run_id}")
        assert result.code == 0, result.err
        (resumed,) = all_runs()
        assert resumed.info.status == "FINISHED"
        return resumed, *parts

    return run


@pytest.mark.parametrize(
    ("how", "epochs", "arguments", "left"),
    [
        pytest.param(signal.SIGTERM, 6, TWO_SCALES, [2, 3], id="in the second scale"),
        pytest.param(RuntimeError("no"), 9, TUNED, [1, 2], id="in the fine tuning", marks=pytest.mark.slow),
    ],
)
def test_a_resumed_chain_ends_as_the_uninterrupted_one(whole, interrupted, how, epochs, arguments, left):
    expected = whole(*arguments)

    run, before, after = interrupted(how, epochs, *arguments)

    assert before == [0, 1, 2, 3, 0, 1, 2, 3, 0][:epochs]
    assert after == left  # of the scale where it was, and nothing of those before
    assert run.data.metrics == expected


def test_a_resumed_chain_has_the_whole_loss_curve_of_every_scale(interrupted, client):
    run, *_ = interrupted(signal.SIGTERM, 2, *TWO_SCALES)

    for scale in ("fine", "middle"):
        history = client.get_metric_history(run.info.run_id, f"val/{scale}/loss")
        assert sorted(point.step for point in history) == [0, 1, 2, 3]
