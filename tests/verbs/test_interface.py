"""The functions of ``import remanence as rm``: they do what the verbs do, and disturb nothing."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from hydra.core.global_hydra import GlobalHydra

import remanence as rm
from remanence.tracking.logger import RunLogger

SMALL = ("data.replicates=4", "trainer.max_epochs=2", "figures=brief", "baselines=none", "ensemble=single")
"""Overrides that make a run of ``piezo/single`` take a second."""
HEAVY = ("torch", "mlflow", "hydra", "pandas", "numpy", "pytorch_lightning", "omegaconf", "rich")


def python(code):
    """Return what a fresh process prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_importing_it_imports_nothing_heavy():
    loaded, seconds = python(
        "import json, sys, time; began = time.process_time(); import remanence; took = time.process_time() - began\n"
        "print(json.dumps([sorted(sys.modules), took]))"
    )

    assert not set(HEAVY) & set(loaded)
    assert seconds < 0.3


def test_a_mistake_is_answered_without_torch_and_mlflow():
    message, loaded = python(
        "import json, sys, remanence as rm\n"
        "try: rm.train('piezo/nss')\n"
        "except rm.ConfigurationError as error: print(json.dumps([str(error), sorted(sys.modules)]))"
    )

    assert message == "experiment: unknown name 'piezo/nss'; did you mean 'piezo/ns'?"
    assert not {"torch", "mlflow", "pytorch_lightning", "pandas"} & set(loaded)


def test_every_name_on_offer_is_there_beside_the_rooms():
    assert set(rm.__all__) <= set(dir(rm))
    assert all(getattr(rm, name) is not None for name in rm.__all__)
    assert issubclass(rm.DataError, rm.errors.UserError)
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        rm.trian  # noqa: B018
    import remanence.data.splits

    assert remanence.data.splits.make_folds


def test_a_training_is_that_of_the_command_line(command, all_runs, capsys):
    run = rm.train("piezo/single", *SMALL, "model.activation=relu")

    assert capsys.readouterr() == ("", "")
    assert command("train", "experiment=piezo/single", *SMALL, "model.activation=relu").code == 0
    typed, called = sorted(all_runs(), key=lambda found: found.info.run_id == run.id)
    assert (called.info.run_id, run.status) == (run.id, "FINISHED")
    assert run.metrics == typed.data.metrics
    assert run.parameters == typed.data.params
    assert run.tags["mlflow.source.name"] == typed.data.tags["mlflow.source.name"]
    assert run.tags["remanence.config_hash"] == typed.data.tags["remanence.config_hash"]


def test_a_run_may_have_no_experiment_and_begin_with_an_override(outputs):
    none = rm.train(None, "model=linear", "baselines=none", "figures=brief")
    empty = rm.train("", "model=linear", "baselines=none", "figures=brief")
    first = rm.train("model=linear", "baselines=none", "figures=brief")

    assert {run.tags["remanence.config"] for run in (none, empty, first)} == {"custom"}
    assert none.metrics == empty.metrics == first.metrics


def test_outputs_of_its_own_are_where_it_is_found(outputs, tmp_path):
    run = rm.train("model=linear", "baselines=none", "figures=brief", f"paths.outputs={tmp_path}/others")

    assert run.folder == tmp_path / "others" / "runs" / run.id
    assert run.figures[0].is_file()
    assert list(rm.load(run.id, uri=f"sqlite:///{tmp_path}/others/mlflow.db").metrics) == list(run.metrics)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("piezo/single", "trainer.max_epoch=3"), "trainer.max_epoch: unknown key; did you mean 'trainer.max_epochs'"),
        (("piezo/single", "model.lr=1e-3,1e-2"), r"model.lr=1e-3,1e-2: several values; sweep\(\) tries each of them"),
        (("piezo/single", "sweep=piezo/bayes"), r"sweep=piezo/bayes is a search of several runs; sweep\(\) takes it"),
        (("piezo/single", "-m"), "expected overrides such as 'trainer.max_epochs=50', got '-m'"),
        (("piezo/single", 3), "expected overrides such as 'trainer.max_epochs=50', got 3"),
        (("piezo/single", "sweep.trial=1"), "sweep.trial: a sweep sets it"),
        (("resume=nothing",), "no run with the id or name 'nothing'"),
        (("fork=nothing",), "no run with the id or name 'nothing'"),
        (("piezo/single", "model.lr=["), "cannot read 'model.lr=\\['"),
    ],
)
def test_a_mistake_is_an_exception_before_anything_is_tracked(outputs, all_runs, arguments, message):
    before = list(sys.argv)

    with pytest.raises(rm.ConfigurationError, match=message):
        rm.train(*arguments)

    assert all_runs() == []
    assert sys.argv == before


def test_bad_data_are_an_exception_before_anything_is_tracked(table, all_runs):
    path = table(x=["much", *range(29)])

    for function in (rm.train, rm.open_data):
        with pytest.raises(rm.DataError, match="row 2, column 'x' is not a number"):
            function("piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear")

    assert all_runs() == []


def test_processes_of_a_launcher_are_sent_to_the_command(outputs, monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": "1"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(rm.ConfigurationError, match="torchrun and srun start several processes"):
        rm.train("piezo/single")


@pytest.fixture
def interrupted_after(monkeypatch):
    """Interrupt a training after some logged epochs."""
    log, patched = RunLogger.log_metrics, pytest.MonkeyPatch()

    def prepare(epochs):
        def log_metrics(self, metrics, step=None):
            log(self, metrics, step)
            if metrics.get("epoch", 0) >= epochs:
                patched.undo()
                signal.raise_signal(signal.SIGINT)

        patched.setattr(RunLogger, "log_metrics", log_metrics)

    yield prepare
    patched.undo()


def test_ctrl_c_kills_the_run_alone_and_it_can_be_resumed_and_forked(outputs, interrupted_after):
    whole = rm.train("piezo/single", *SMALL, "trainer.max_epochs=4")
    interrupted_after(2)
    with pytest.raises(KeyboardInterrupt):
        rm.train("piezo/single", *SMALL, "trainer.max_epochs=4", "name=stopped")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert rm.load("stopped").status == "KILLED"

    resumed = rm.train("resume=stopped")
    forked = rm.train(f"fork={resumed.id}", "trainer.max_epochs=1")

    assert resumed.id == rm.load("stopped").id
    assert (resumed.status, resumed.metrics["test/r2"]) == ("FINISHED", whole.metrics["test/r2"])
    assert forked.tags["remanence.forked_from"] == resumed.id
    assert forked.tags["mlflow.source.name"] == f"remanence train fork={resumed.id} trainer.max_epochs=1"


@pytest.mark.parametrize("fails", [False, True])
def test_the_process_is_as_it_was_found(outputs, table, fails):
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    flags = torch.are_deterministic_algorithms_enabled(), os.environ.get("PL_GLOBAL_SEED"), GlobalHydra.instance().hydra

    if fails:
        with pytest.raises(rm.DataError):
            rm.train("piezo/table", "data.path=none.csv", "data.target=d33", "data.features=[x]")
    else:
        rm.train("piezo/single", *SMALL)

    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before
    after = torch.are_deterministic_algorithms_enabled(), os.environ.get("PL_GLOBAL_SEED"), GlobalHydra.instance().hydra
    assert after == flags


def test_trainings_of_several_threads_queue_up_inside_a_running_loop_too(outputs):
    alone = [rm.train("piezo/single", *SMALL, f"seed={seed}").metrics for seed in (1, 2)]

    async def together():
        calls = (asyncio.to_thread(rm.train, "piezo/single", *SMALL, f"seed={seed}") for seed in (1, 2))
        return await asyncio.gather(*calls)

    assert [run.metrics for run in asyncio.run(together())] == alone


def test_runs_can_be_looked_at_while_a_thread_trains(outputs, monkeypatch):
    rm.train("model=linear", "baselines=none", "figures=brief")
    reached, go_on = threading.Event(), threading.Event()
    log = RunLogger.log_metrics

    def log_metrics(self, metrics, step=None):
        log(self, metrics, step)
        reached.set()
        go_on.wait(60)

    monkeypatch.setattr(RunLogger, "log_metrics", log_metrics)
    thread = threading.Thread(target=rm.train, args=("piezo/single", *SMALL))
    thread.start()
    try:
        assert reached.wait(60)
        assert rm.runs()["status"].tolist() == ["FINISHED", "RUNNING"]
    finally:
        go_on.set()
        thread.join()


def test_a_bar_follows_the_epochs_of_a_run(outputs, monkeypatch):
    from contextlib import nullcontext

    drawn = []
    monkeypatch.setattr("remanence.verbs.progress.progress", lambda what: nullcontext(show))

    def show(epochs):
        drawn.append(epochs)
        return drawn.append

    rm.train("piezo/single", *SMALL)

    assert drawn[0] == 2
    assert set(drawn[1:]) == {0, 1}
