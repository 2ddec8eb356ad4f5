import pytest

BAD_CONFIGURATIONS = {
    "unknown experiment": (["experiment=piezo/nss"], "piezo/nss", "did you mean 'piezo/ns'?"),
    "unknown model": (["model=dn"], "model", "did you mean 'dnn'?"),
    "unknown key": (["model.lrr=1"], "model.lrr", "did you mean 'model.lr'?"),
    "unknown key of the trainer": (["trainer.max_epoch=3"], "trainer.max_epoch", "did you mean 'trainer.max_epochs'?"),
    "unknown key with +": (["+data.batchsize=8"], "data.batchsize", "did you mean 'batch_size'?"),
    "unknown key with ++": (["++data.split.fould=1"], "data.split.fould", "did you mean 'fold'?"),
    "unknown top-level key with +": (["+sed=1"], "sed", "did you mean 'seed'?"),
    "unknown group with +": (["+modell.lr=1"], "modell", "did you mean 'model'?"),
    "new entry of a mapping without +": (["data.units={x: mol}"], "data.units", "write +data.units=…"),
    "text for a number": (["model.lr=fast"], "model.lr", "should be a valid number, got 'fast'"),
    "fraction for a count": (["trainer.max_epochs=2.5"], "trainer.max_epochs", "got 2.5"),
    "number for a name": (["name=7"], "name", "should be a valid string, got 7"),
    "text for a list": (["data.features=x"], "data.features", "got 'x'"),
    "list for a text": (["model.activation=[tanh]"], "model.activation", "'tanh', 'sigmoid'"),
    "unknown choice": (["model.activation=tanhh"], "model.activation", "'tanh', 'sigmoid'"),
    "negative learning rate": (["model.lr=-0.1"], "model.lr", "greater than 0, got -0.1"),
    "learning rate that is no number": (["model.lr=nan"], "model.lr", "finite"),
    "empty batch": (["data.batch_size=0"], "data.batch_size", "greater than or equal to 1, got 0"),
    "no hidden layer": (["model.hidden=[]"], "model.hidden", "at least 1 item"),
    "negative seed": (["seed=-1"], "seed", "greater than or equal to 0"),
    "seed that numpy does not take": (["data.split.seed=4294967296"], "data.split.seed", "less than 4294967296"),
    "all rows for validation": (["data.split.validation=1"], "data.split.validation", "less than 1"),
    "more folds than rows": (["data.split.folds=5000"], "data.split.folds", "has 120"),
    "fold that does not exist": (["data.split.fold=5"], "data.split.fold", "less than data.split.folds (5), got 5"),
    "forbidden class": (["model._target_=os.system"], "model._target_", "'os.system' is not under allowed_targets"),
    "forbidden class inside a node": (["+data.units.a._target_=os.system"], "data.units.a._target_", "allowed_targets"),
    "feature that is not there": (["data.features=[x,slope]"], "slope", "lph_slope"),
    "feature that is the target": (["data.features=[x,d33]"], "d33", "twice"),
    "category that is no feature": (["data.categorical=[series]"], "data.categorical", "series"),
    "unreadable override": (["data.features=[x"], "data.features=[x", "quote special characters"),
    "override without value": (["model.lr"], "model.lr", "cannot read"),
    "format of figures": (["figure_format=jpg"], "figure_format", "should be 'png', 'pdf' or 'svg', got 'jpg'"),
    "one format of several": (["figure_format=[pdf,eps]"], "figure_format", "'png', 'pdf' or 'svg'"),
    "no format of figures": (["figure_format=[]"], "figure_format", "got []"),
    "style sheet that is not there": (["figure_style=no.mplstyle"], "figure_style", "no.mplstyle: no such file"),
    "tracking address that MLflow refuses": (["tracking.uri=file:./mlruns"], "tracking.uri", "cannot open"),
}


def assert_one_line(result, *parts):
    assert result.code == 2, result.err
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    for part in parts:
        assert part in line


def assert_nothing_tracked(all_runs, outputs):
    assert all_runs() == []
    assert not (outputs / "runs").exists()


@pytest.mark.parametrize(("overrides", "key", "advice"), BAD_CONFIGURATIONS.values(), ids=BAD_CONFIGURATIONS)
def test_a_bad_configuration_is_one_line_and_no_run(command, all_runs, outputs, overrides, key, advice):
    base = [] if overrides[0].startswith("experiment=") else ["experiment=piezo/single"]

    result = command("train", *base, *overrides)

    assert_one_line(result, key, advice)
    assert_nothing_tracked(all_runs, outputs)


@pytest.mark.parametrize(
    "last",
    [
        "model.lr=0.01,-1",
        "model.activation=tanh,tan",
        "experiment=piezo/single,piezo/nss",
        "data.split.folds=5,5000",
        "data.split.fold=0,1,2,3,4,5",
        "+model.lrr=1,2",
        "data.features=[x,lph_slope],[x,nothing]",
        "model.lr=interval(0.01,0.1)",
    ],
)
def test_a_wrong_last_job_stops_a_sweep_before_its_first(command, all_runs, outputs, last):
    base = [] if last.startswith("experiment=") else ["experiment=piezo/single"]

    result = command("train", "-m", *base, "seed=0,1", last)

    assert_one_line(result)
    assert_nothing_tracked(all_runs, outputs)


def test_required_keys_without_a_value_are_all_named(command, all_runs, outputs):
    result = command("train", "experiment=piezo/table", "data.path=mine.csv")

    assert_one_line(result, "data.target=…")
    assert_nothing_tracked(all_runs, outputs)


def test_debug_shows_the_traceback_and_keeps_the_exit_code(command):
    result = command("train", "experiment=piezo/single", "model.lr=-1", "--debug")

    assert result.code == 2
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("remanence: error: model.lr")
