from remanence.configuration.file_changes import file_changes
from remanence.configuration.folder import conf_folder


def test_what_a_file_is_made_of_counts():
    changes = file_changes("sweep", "beps/hyperparameters", [conf_folder()])

    assert changes.groups == {"baselines": "none"}
    assert changes.keys == {
        "beta_schedule.warmup_epochs": 3,
        "beta_schedule.stage_epochs": 1,
        "trainer.max_epochs": 24,
        "beta_schedule.refine_epochs": 14,
    }
    assert "model.lr" in changes.searched


def test_an_experiment_chooses_its_data_and_model():
    groups = file_changes("experiment", "beps/toy_additive", [conf_folder()]).groups

    assert (groups["data"], groups["model"], groups["baselines"]) == ("toy", "beta_vae_mlp", "toy_unmixing")


def test_what_a_file_is_made_of_wins_where_the_file_does_not_say_when_its_own_keys_come(tmp_path):
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "a.yaml").write_text("defaults: [b]\nseed: 1\n")
    (tmp_path / "sweep" / "b.yaml").write_text("seed: 2\n")

    assert file_changes("sweep", "a", [tmp_path]).keys == {"seed": 2}


def test_files_that_name_each_other_and_files_that_are_not_there_end(tmp_path):
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "a.yaml").write_text("defaults: [b, _self_]\nseed: 1\n")
    (tmp_path / "sweep" / "b.yaml").write_text("defaults: [/sweep/a, c]\n")

    assert file_changes("sweep", "a", [tmp_path]).keys == {"seed": 1}
