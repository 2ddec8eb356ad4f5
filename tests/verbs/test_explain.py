import pytest


def test_a_key_is_explained_in_the_composition_that_is_asked_for(command):
    result = command("explain", "model.loss", "experiment=piezo/knn", "model.loss=mse")

    assert result.code == 0
    assert result.out.splitlines() == [
        "model.loss  one of LOSSES, taken on z-scores so that all targets weigh the same",
        "comment     the paper's choice; smooth_l1 for tables with outliers",
        "allowed     mse or smooth_l1",
        "default     mse",
        "value       mse",
        "set in      the command line: model.loss=mse",
        "instead of  conf/experiment/piezo/knn.yaml: smooth_l1   # R² of 75 networks .716 instead of .707, on split "
        "seeds that the README does not report",
        "instead of  conf/model/dnn.yaml: mse",
    ]


def test_a_group_shows_its_choices_and_who_chose(command):
    result = command("explain", "data/split", "experiment=piezo/knn")

    lines = result.out.splitlines()
    assert lines[0] == "data/split  how rows of a table are held out"
    assert "chosen      kfold   # Every row is held out once in each repetition." in lines
    assert "set in      conf/experiment/piezo/knn.yaml" in lines
    assert "  grouped              Whole families" in result.out
    assert "  data.split.folds       5" in lines
    assert (
        "set in      the command line: data/split=kfold_once"
        in command("explain", "data/split", "data/split=kfold_once").out
    )


def test_a_node_shows_its_keys(command):
    result = command("explain", "model.scales.ions.encoder", "experiment=nested/perovskite")

    assert "  model.scales.ions.encoder.activation   silu" in result.out


def test_a_key_that_only_the_class_has_says_how_it_is_set(command, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "short.yaml").write_text("_target_: remanence.models.dnn.DNN\nlr: 0.1\n")

    result = command("explain", "model.loss", f"hydra.searchpath=[file://{tmp_path}]", "model=short")

    lines = result.out.splitlines()
    assert "value       mse" in lines
    assert "set in      no file: the class has it; +model.loss=… sets it" in lines


def test_keys_of_sweeps_and_references_are_explained(command):
    result = command("explain", "hydra.sweeper.n_trials", "data.seed", "sweep=piezo/bayes")

    assert "set in      conf/sweep/piezo/bayes.yaml: 40" in result.out
    assert "value       ${seed} = 0" in result.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["model.los"], "explain: unknown key 'model.los'; did you mean 'model.loss'?"),
        (["mdel"], "explain: unknown key 'mdel'; did you mean 'model'?"),
        ([], "explain: name a key or a group, such as: explain model.loss experiment=piezo/ns"),
        (["model.lr", "experiment=piezo/nss"], "experiment: unknown name 'piezo/nss'; did you mean 'piezo/ns'?"),
    ],
)
def test_what_is_not_there_is_one_line_with_the_nearest(command, arguments, line):
    result = command("explain", *arguments)

    assert (result.code, result.out, result.err) == (2, "", f"remanence: error: {line}\n")
