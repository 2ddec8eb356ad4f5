from pathlib import Path

import pytest

from remanence.configuration.composed_files import compose_files
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError


def places(composed, key):
    found = composed.settings(key)
    inside = [Path(each.where).is_absolute() for each in found]
    return [
        (str(Path(each.where).relative_to(conf_folder())) if is_file else each.where, each.value)
        for each, is_file in zip(found, inside, strict=True)
    ]


def test_files_and_overrides_that_set_a_key_stand_in_the_order_in_which_they_win():
    composed = compose_files(["experiment=piezo/knn", "model.loss=mse", "ensemble.folds=3", "ensemble.folds=4"])

    assert places(composed, "model.loss") == [
        ("model/dnn.yaml", "mse"),
        ("experiment/piezo/knn.yaml", "smooth_l1"),
        ("model.loss=mse", "mse"),
    ]
    assert places(composed, "ensemble.folds")[-1] == ("ensemble.folds=4", 4)
    assert composed.cfg.model.loss == "mse"
    assert composed.cfg.ensemble.folds == 4
    assert composed.chosen_by["model"] == "experiment/piezo/knn.yaml"


def test_what_is_set_last_is_what_is_composed():
    composed = compose_files(["experiment=nested/perovskite", "baselines.gaussian_process.clip=2"])

    for key in ("model.scales.ions.latent_dim", "data.split.folds", "ensemble.epochs", "trainer.max_epochs"):
        node = composed.cfg
        for name in key.split("."):
            node = node[name]
        assert composed.settings(key)[-1].value == node, key
    assert places(composed, "data.split.folds")[-1][0] == "experiment/nested/perovskite.yaml"


def test_files_of_a_users_own_folder_are_read(tmp_path):
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "mine.yaml").write_text("defaults: [default, _self_]\nmax_epochs: 7   # enough\n")

    composed = compose_files([f"hydra.searchpath=[file://{tmp_path}]", "trainer=mine"])

    last = composed.settings("trainer.max_epochs")[-1]
    assert (last.where, last.value, last.comment) == (str(tmp_path / "trainer" / "mine.yaml"), 7, "enough")


def test_a_wrong_override_is_answered_as_train_answers_it():
    with pytest.raises(ConfigurationError, match="experiment: unknown name 'piezo/nss'; did you mean"):
        compose_files(["experiment=piezo/nss"])
