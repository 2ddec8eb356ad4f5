import json
import signal

import pytest
import torch

from remanence.training.stacked.stacked_fit import _Training

STANDING_STILL = ("model.lr=1e-12", "trainer.max_epochs=1")
"""Steps so small that a fork's network is its origin's."""
STACKED = (
    *("experiment=piezo/ns_to_qs", "data.replicates=3", "ensemble.folds=2", "ensemble.repeats=2"),
    *("figures=brief", "baselines=none", "trainer.max_epochs=6"),
)
CHAIN = (
    *("experiment=nested/synthetic", "data.rows=40", "data.split.folds=2", "ensemble.folds=2"),
    *("baselines=none", "figures=brief", "trainer.max_epochs=6"),
)
TOY = (
    *("experiment=beps/toy", "figures=brief", "baselines=none", "model.units=8", "trainer.max_epochs=12"),
    *("data.colours=300", "data.validation=60", "data.gamut=60", "data.image_size=12"),
    *("beta_schedule.warmup_epochs=2", "beta_schedule.refine_epochs=4"),
)


@pytest.fixture
def fork(command, all_runs):
    """Fork a run and return the new one."""

    def run(origin, *arguments):
        before = {run.info.run_id for run in all_runs()}
        result = command("train", f"fork={origin.info.run_id}", *arguments)
        assert result.code == 0, result.err
        (new,) = [run for run in all_runs() if run.info.run_id not in before]
        assert new.info.status == "FINISHED"
        return new

    return run


@pytest.mark.parametrize(
    ("origin", "changed"),
    [
        (("experiment=piezo/single", "data.replicates=4", "figures=brief", "trainer.max_epochs=6"), ()),
        (STACKED, ()),
        (CHAIN, ()),
        (TOY, ("beta_schedule=none",)),
    ],
    ids=["network", "stacked", "chain", "spectra"],
)
def test_a_fork_that_hardly_moves_has_the_errors_of_its_origin(finished, fork, client, origin, changed):
    first = finished(*origin)

    new = fork(first, *STANDING_STILL, *changed)

    assert new.info.run_id != first.info.run_id
    assert new.info.experiment_id == first.info.experiment_id
    assert new.data.tags["remanence.forked_from"] == new.data.params["fork"] == first.info.run_id
    held_out = [key for key in first.data.metrics if key.startswith("test/") and "/physics/" not in key]
    others = ("test/mse_sampled", "test/kept_latents", "test/natural_active_units")  # drawn anew, or of a schedule of β
    errors = [key for key in held_out if key not in others]
    assert len(errors) > 4
    for key in errors:
        assert new.data.metrics[key] == pytest.approx(first.data.metrics[key], rel=1e-3, abs=1e-6), key
    untouched = client.get_run(first.info.run_id)
    assert (untouched.data.metrics, untouched.info.end_time) == (first.data.metrics, first.info.end_time)


def test_a_fork_has_the_configuration_of_its_origin_but_for_what_is_changed(train, fork, artifact, client, command):
    origin = train("data.noise=2", "name=mine")

    new = fork(origin, "model.lr=1e-4", "trainer.max_epochs=3", "~baselines.random_forest", "callbacks=scheduled")

    changed = {key for key, value in origin.data.params.items() if new.data.params.get(key) != value}
    forest = {key for key in origin.data.params if key.startswith("baselines.random_forest.")}
    scheduled = {key for key in changed if key.startswith("callbacks.")}
    assert scheduled
    assert changed == {"fork", "model.lr", "trainer.max_epochs"} | forest | scheduled
    assert (new.data.params["model.lr"], new.data.params["data.noise"]) == ("0.0001", "2")
    assert new.info.run_name != "mine"
    assert [point.step for point in client.get_metric_history(new.info.run_id, "train/loss")] == [0, 1, 2]


def test_a_value_holds_wherever_the_file_of_its_group_is_chosen_and_the_last_value_wins(train, fork):
    origin = train("model.hidden=[8]")

    changed = ["trainer.max_epochs=3", "trainer=default", "trainer.accelerator=auto", "trainer.accelerator=cpu"]
    new = fork(origin, *changed)

    assert new.data.params["trainer.max_epochs"] == "3"
    assert new.data.params["trainer.accelerator"] == "cpu"


def test_the_optimiser_begins_afresh(train, fork, outputs):
    origin = train()

    new = fork(origin, "trainer.max_epochs=1")

    state = torch.load(outputs / "runs" / new.info.run_id / "checkpoints" / "last.ckpt", weights_only=True)
    assert state["epoch"] == 1
    steps = {int(moments["step"]) for moments in state["optimizer_states"][0]["state"].values()}
    before = torch.load(outputs / "runs" / origin.info.run_id / "checkpoints" / "last.ckpt", weights_only=True)
    assert 2 * max(steps) == max(int(m["step"]) for m in before["optimizer_states"][0]["state"].values())


def test_an_interrupted_run_is_forked_from_its_best_weights_so_far(stop, fork, outputs):
    _, stopped = stop(signal.SIGTERM)
    checkpoints = outputs / "runs" / stopped.info.run_id / "checkpoints"
    (best,) = [
        state["weights"]
        for state in torch.load(checkpoints / "last.ckpt", weights_only=True)["callbacks"].values()
        if "weights" in state
    ]
    assert not (checkpoints / "best.ckpt").exists()

    new = fork(stopped, *STANDING_STILL)

    weights = torch.load(outputs / "runs" / new.info.run_id / "checkpoints" / "best.ckpt", weights_only=True)
    for name, value in weights["state_dict"].items():
        torch.testing.assert_close(value, best[name], rtol=1e-5, atol=1e-8)


def test_a_fork_is_made_from_the_artifacts_when_the_folder_is_gone(train, fork, outputs):
    import shutil

    origin = train()
    shutil.rmtree(outputs / "runs" / origin.info.run_id)

    new = fork(origin, *STANDING_STILL)

    assert new.data.metrics["test/mae"] == pytest.approx(origin.data.metrics["test/mae"], rel=1e-3)


@pytest.mark.parametrize("kind", ["network", "stacked"])
def test_an_interrupted_fork_goes_on_as_if_left_alone(command, client, all_runs, monkeypatch, kind, fork, finished):
    from remanence.models.dnn import DNN

    small = ("experiment=piezo/single", "data.replicates=4", "figures=brief", "trainer.max_epochs=6")
    origin = finished(*(small if kind == "network" else STACKED))
    alone = fork(origin, "trainer.max_epochs=6", "callbacks.checkpoint_seconds=0")
    whole, part = (DNN, "validation_step") if kind == "network" else (_Training, "run_epoch")
    untouched, seen = getattr(whole, part), []

    def stop(self, *arguments):
        seen.append(1)
        if len(seen) == 4:
            signal.raise_signal(signal.SIGTERM)
        return untouched(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(whole, part, stop)
        changed = ("trainer.max_epochs=6", "callbacks.checkpoint_seconds=0")
        assert command("train", f"fork={origin.info.run_id}", *changed).code == 143
    (stopped,) = [run for run in all_runs() if run.info.status == "KILLED"]

    assert command("train", f"resume={stopped.info.run_id}").code == 0

    resumed = client.get_run(stopped.info.run_id)
    assert resumed.data.metrics == alone.data.metrics
    assert resumed.data.tags["remanence.forked_from"] == origin.info.run_id


@pytest.fixture
def refused(command, all_runs, client):
    """Fork a run by a command that is answered with one line, before anything is tracked."""

    def run(origin, *arguments):
        before = len(all_runs())
        result = command("train", f"fork={origin.info.run_id}", *arguments)
        assert result.code == 2
        (line,) = result.err.splitlines()
        assert line.startswith("remanence: error: ")
        assert len(all_runs()) == before
        return line

    return run


def test_keys_that_change_the_shape_of_a_network_are_named(train, refused, table):
    named = ("data.target=d33", "data.features=[x,amount]", "ensemble=single", "~baselines.random_forest")
    origin = train(f"data.path={table()}", *named, experiment="piezo/table")

    def shape(*arguments):
        line = refused(origin, "model.lr=0.1", *arguments)
        assert f"gives the network another shape than that of run {origin.info.run_id}; it has " in line
        return line.partition("fork: ")[2].partition(": gives")[0]

    assert shape("model.hidden=[32]") == "model.hidden"
    assert shape("model.hidden=[32]", "model.bins=4", "model.activation=relu") == "model.hidden, model.bins"
    assert shape("data.features=[x]") == "data.features"
    assert shape("data.target=[d33,eps_r]", "data.batch_size=4") == "data.target"
    assert shape("ensemble=stacked") == "ensemble.folds, ensemble.repeats"
    assert "it has model.hidden=[64, 64]" in refused(origin, "model.hidden=[32]")


def test_members_of_a_stack_keep_their_number(finished, refused):
    origin = finished(*STACKED)

    assert "fork: ensemble.repeats: gives" in refused(origin, "ensemble.repeats=3", "ensemble.coverage=0.8")
    assert "fork: ensemble.folds, ensemble.repeats: gives" in refused(origin, "ensemble=single")


def test_a_scale_of_a_chain_keeps_its_shape(finished, refused):
    origin = finished(*CHAIN, "~model.scales.coarse")

    scale = json.loads(origin.data.params["model.scales.fine.latent_dim"])
    line = refused(origin, f"model.scales.fine.latent_dim={scale + 1}", "model.lr=0.1")
    assert "fork: model.scales.fine.latent_dim: gives" in line


def test_rows_that_were_trained_on_are_not_held_out_of_the_same_data(train, refused, fork, table, command):
    named = ("data.target=d33", "data.features=[x,amount]", "ensemble=single", "~baselines.random_forest")
    origin = train(f"data.path={table()}", *named, experiment="piezo/table")

    line = refused(origin, "data.split.seed=7")
    assert f"fork: data.split.seed: run {origin.info.run_id} has trained on rows that would be held out now" in line

    other = table("other.csv", rows=40)
    result = command("train", f"fork={origin.info.run_id}", f"data.path={other}", "data.split.seed=7")
    assert result.code == 0, result.err
    assert f"other data than those of run {origin.info.run_id}: where they share rows" in result.out


def test_an_estimator_cannot_be_forked(train, refused):
    origin = train("model=linear")

    assert "fork: a Linear has no weights to start from; only networks have" in refused(origin)


def test_a_run_without_checkpoints_cannot_be_forked(train, refused, outputs):
    import shutil

    origin = train()
    shutil.rmtree(outputs / "runs" / origin.info.run_id)
    (logged,) = (outputs / "artifacts").glob(f"**/{origin.info.run_id}/**/checkpoints")
    shutil.rmtree(logged)

    assert f"fork: run {origin.info.run_id} left no checkpoint to start from" in refused(origin)


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ("-m", "-m cannot be combined"),
        ("experiment=piezo/ns", "experiment= cannot be combined"),
        ("resume=abc", "only trainer.* may be changed, got 'fork="),
        ("model.lrr=1", "model.lrr: unknown key; did you mean 'lr'?"),
        ("model.lr=1,2", "model.lr: one value is needed"),
        ("trainer=gpuu", "trainer: unknown name 'gpuu'; did you mean 'gpu'?"),
        ("~baselines.nothing", "baselines.nothing: the run has no such key"),
        ("data.path=no such.csv", "data.path"),
    ],
)
def test_what_a_fork_cannot_take_is_one_line(train, refused, added, reason):
    origin = train()

    assert reason in refused(origin, added)


def test_an_unknown_run_is_one_line(command):
    result = command("train", "fork=nothing")

    assert result.code == 2
    assert "no run with the id or name 'nothing'" in result.err


def test_fork_null_is_no_fork(train):
    run = train("fork=null")

    assert "remanence.forked_from" not in run.data.tags


def table_run(train, path, *arguments):
    named = ("data.features=[x,amount]", "ensemble=single", "~baselines.random_forest")
    return train(f"data.path={path}", *named, *arguments, experiment="piezo/table")


def test_any_key_of_the_data_that_moves_rows_into_the_test_is_refused(train, refused, fork, table):
    origin = table_run(train, table(), "data.target=[d33,eps_r]")

    line = refused(origin, "data.groups=amount")
    assert f"fork: data.groups: run {origin.info.run_id} has trained on rows that would be held out now" in line
    assert "gives the network another shape" in refused(
        origin, "data.groups=kind", "data/split=grouped", "data.split.folds=2"
    )

    assert fork(origin, "data.batch_size=4", "trainer.max_epochs=1")
    assert "has them in another order; keep data.target=['d33', 'eps_r']" in refused(origin, "data.target=[eps_r,d33]")
    assert "fork: data.features: run" in refused(origin, "data.features=[amount,x]")


def test_members_do_not_validate_on_rows_that_they_were_trained_on(finished, refused):
    origin = finished(*STACKED[:-2], "baselines=none", "trainer.max_epochs=2", "ensemble.repeats=3")

    line = refused(origin, "ensemble.folds=3", "ensemble.repeats=2")

    assert f"fork: ensemble.folds, ensemble.repeats: run {origin.info.run_id} has trained on rows" in line


def test_rows_count_that_one_training_saw_and_another_holds_out():
    from remanence.data.spectra.toy import Toy
    from remanence.studies.shared_rows import rows_seen_before
    from remanence.studies.spectra.study import SpectraStudy

    first, second = (
        SpectraStudy(Toy(colours=colours, validation=40, gamut=140 - colours, image_size=8).open(), {}).rows_seen()
        for colours in (80, 60)
    )

    assert rows_seen_before(first, first) == 0
    assert rows_seen_before(first, second) == 40  # colours 60 to 80 validate, 100 to 120 test


def test_a_fork_goes_to_other_outputs_and_finds_its_origin_where_runs_are(train, command, tmp_path, fresh_database):
    import shutil

    from mlflow import MlflowClient

    origin = train()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(fresh_database, other / "mlflow.db")

    result = command("train", f"fork={origin.info.run_id}", *STANDING_STILL, f"paths.outputs={other}")

    assert result.code == 0, result.err
    client = MlflowClient(f"sqlite:///{other}/mlflow.db")
    (new,) = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    assert new.data.tags["remanence.forked_from"] == origin.info.run_id
    assert (other / "runs" / new.info.run_id / "run.json").is_file()


def test_the_origin_may_be_where_the_fork_goes(train, command, outputs, tmp_path, monkeypatch, all_runs):
    origin = train()
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))

    result = command(
        "train", f"fork={origin.info.run_id}", *STANDING_STILL, f"tracking.uri=sqlite:///{outputs}/mlflow.db"
    )

    assert result.code == 0, result.err
    assert len(all_runs()) == 2


@pytest.mark.parametrize("ensemble", ["single", "stacked"])
def test_a_fork_on_formulas_with_a_new_element_begins_at_random_and_says_so(
    finished, command, all_runs, tmp_path, ensemble
):
    """A suggested material may hold an element that nothing measured so far holds: the campaign goes on."""
    formulas = [f"{1 - x:.2f}Na0.5Bi0.5TiO3-{x:.2f}BaTiO3" for x in (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)]
    rows = [f"{formula},{100 + 9 * number}" for number, formula in enumerate(formulas)]
    (tmp_path / "first.csv").write_text("\n".join(["Component,d33", *rows]))
    replaced = [row.replace("Ba", "Sr") for row in rows]  # as many inputs, which are others
    (tmp_path / "more.csv").write_text("\n".join(["Component,d33", *rows, "0.95Na0.5Bi0.5TiO3-0.05KNbO3,150"]))
    (tmp_path / "other.csv").write_text("\n".join(["Component,d33", *replaced]))
    quick = ("data/split=stratified", "data.split.folds=4", "baselines=none", "blend=none", "figures=brief")
    stack = ("ensemble.folds=2", "ensemble.repeats=1") if ensemble == "stacked" else ()
    named = ("data.target=d33", "data.composition=Component", "trainer.max_epochs=2")
    origin = finished(
        f"data.path={tmp_path / 'first.csv'}", *named, *quick, "experiment=piezo/table", f"ensemble={ensemble}", *stack
    )

    for file, said in (("more.csv", "new K, Nb"), ("other.csv", "new Sr; gone Ba")):
        result = command("train", f"fork={origin.info.run_id}", f"data.path={tmp_path / file}")

        assert result.code == 0, result.err
        printed = " ".join(result.out.split())
        assert f"inputs of the table: {said}" in printed
        assert f"run {origin.info.run_id} do not suit them, so training begins at random" in printed
        newest = all_runs()[0]
        assert newest.data.tags["remanence.forked_from"] == origin.info.run_id
