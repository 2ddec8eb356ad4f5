"""A run is resumed from its own checkpoints only, and the time of all its parts is counted."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest
import torch

KEY = "remanence"


@pytest.fixture
def stopped(command, all_runs, monkeypatch):
    """Stop a training in its fourth epoch by SIGTERM and return its run: ``stopped("seed=1")``."""

    def run(*arguments):
        from remanence.training.checkpoint import Checkpoint
        from remanence.training.stacked.stacked_fit import _Training

        before = {run.info.run_id for run in all_runs()}
        calls = []

        def counted(untouched):
            def method(*given, **named):
                calls.append(1)
                if len(calls) == 4:
                    signal.raise_signal(signal.SIGTERM)
                return untouched(*given, **named)

            return method

        with monkeypatch.context() as patched:
            for owner, name in ((Checkpoint, "on_train_epoch_end"), (_Training, "run_epoch")):
                patched.setattr(owner, name, counted(getattr(owner, name)))
            result = command("train", *arguments, "callbacks.checkpoint_seconds=0", "trainer.max_epochs=6")
        assert result.code == 143, result.err
        (new,) = [run for run in all_runs() if run.info.run_id not in before]
        return new

    return run


ONE = ("experiment=piezo/single", "data.replicates=4", "baselines=none", "figures=brief")
STACK = ("experiment=piezo/ns", "data.replicates=3", "baselines=none", "figures=brief", "ensemble.folds=2")
CHAIN = ("experiment=nested/synthetic", "data.rows=60", "data.split.folds=2", "baselines=none", "figures=brief")
KINDS = {"one": ONE, "stack": (*STACK, "ensemble.repeats=1"), "chain": CHAIN}


@pytest.mark.parametrize("kind", KINDS)
def test_the_checkpoint_of_another_run_of_the_same_shape_is_refused(stopped, command, client, folder, kind):
    typed = KINDS[kind]
    run, other = stopped(*typed), stopped(*typed, "seed=1")
    here, there = folder(run) / "checkpoints", folder(other) / "checkpoints"
    name = sorted(there.glob("*.ckpt"))[-1].name
    shutil.copy(there / name, here / name)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert f"resume: {here / name} is a checkpoint of run {other.info.run_id}, not of {run.info.run_id}" in line
    assert client.get_run(run.info.run_id).info.status == "KILLED"
    assert command("train", f"resume={other.info.run_id}").code == 0
    assert line.endswith(f"fork={other.info.run_id}")
    assert command("train", f"fork={other.info.run_id}").code == 0


def test_a_checkpoint_of_an_earlier_release_names_no_run_and_is_gone_on_from(stopped, command, client, folder):
    run = stopped(*ONE)
    path = folder(run) / "checkpoints" / "last.ckpt"
    state = torch.load(path, weights_only=True)
    assert state.pop(KEY)["run"] == run.info.run_id
    torch.save(state, path)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert "begins anew" not in result.err


@pytest.mark.parametrize("kind", ["one", "stack"])
def test_the_fit_of_all_parts_is_counted(stopped, command, client, folder, kind):
    run = stopped(*KINDS[kind])
    first = float(client.get_run(run.info.run_id).data.tags["remanence.fit_seconds"])
    assert first > 0
    client.set_tag(run.info.run_id, "remanence.fit_seconds", "1000.00")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert float(client.get_run(run.info.run_id).data.tags["remanence.fit_seconds"]) > 1000


def test_what_a_killed_process_could_not_write_is_known_from_its_checkpoint(outputs, command, client, all_runs, folder):
    script = """
        import os, signal, sys
        from remanence.training.checkpoint import Checkpoint
        from remanence.verbs.cli import main
        untouched = Checkpoint.on_train_epoch_end
        def killed(self, trainer, model):
            if trainer.current_epoch == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            untouched(self, trainer, model)
        Checkpoint.on_train_epoch_end = killed
        main(sys.argv[1:])
    """
    typed = ("train", *ONE, "callbacks.checkpoint_seconds=0", "trainer.max_epochs=6")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), *typed], env=os.environ, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (run,) = all_runs()
    assert "remanence.fit_seconds" not in run.data.tags
    path = folder(run) / "checkpoints" / "last.ckpt"
    state = torch.load(path, weights_only=True)
    assert state[KEY]["seconds"] > 0
    torch.save({**state, KEY: {**state[KEY], "seconds": 1000.0}}, path)

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert float(client.get_run(run.info.run_id).data.tags["remanence.fit_seconds"]) > 1000
    assert torch.load(path, weights_only=True)[KEY]["seconds"] > 1000


def test_the_fit_of_spectra_is_counted_in_its_metric_too(stopped, command, client):
    colours = ("data.colours=60", "data.validation=20", "data.gamut=30", "data.image_size=8")
    typed = ("experiment=beps/toy", *colours, "baselines=none", "figures=brief", "model=beta_vae_mlp")
    run = stopped(*typed, "beta_schedule=none")
    client.set_tag(run.info.run_id, "remanence.fit_seconds", "1000.00")

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 0, result.err
    assert client.get_run(run.info.run_id).data.metrics["fit_seconds"] > 1000


def test_a_trial_does_not_go_on_from_what_a_deleted_run_left_in_its_folder(command, client, outputs, children, folder):
    small = (*STACK, "ensemble.repeats=1", "trainer.max_epochs=3", "callbacks.patience=null")
    typed = ("train", "-m", *small, "model.lr=0.01,0.02", "sweep.name=mine")
    assert command(*typed).code == 0
    before = children()
    for run in before:
        client.delete_run(run.info.run_id)
    for path in outputs.glob("sweeps.db*"):
        path.unlink()

    assert command(*typed).code == 0

    for old, new in zip(before, children(), strict=True):
        assert folder(new) == folder(old)
        assert new.data.metrics["test/r2"] == old.data.metrics["test/r2"]
        assert len(client.get_metric_history(new.info.run_id, "train/loss")) == 3
        assert (folder(new) / "checkpoints.earlier-1" / "last.ckpt").is_file()
