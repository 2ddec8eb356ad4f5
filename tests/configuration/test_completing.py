import pytest

from remanence.configuration.completing import file_candidates, key_candidates, override_candidates
from remanence.configuration.folder import conf_folder
from remanence.configuration.indexed_choices import indexed


@pytest.fixture(scope="module")
def index():
    return indexed([conf_folder()])


@pytest.mark.parametrize(
    ("line", "candidates"),
    [
        ("experiment=piezo/k", ["experiment=piezo/knn", "experiment=piezo/knn_as_is"]),
        ("model.activation=", [f"model.activation={name}" for name in ("tanh", "sigmoid", "relu", "gelu", "silu")]),
        ("-m model.activation=tanh,si", ["model.activation=tanh,sigmoid", "model.activation=tanh,silu"]),
        ("model=beta_vae model.ce", ["model.cell="]),
        ("experiment=beps/toy model.cell=g", ["model.cell=gru"]),
        ("experiment=piezo/ns model.ce", []),
        ("experiment=piezo/ns model=beta_vae,pca model.n", ["model.norm=", "model.n_components="]),
        ("model.activ", ["model.activation="]),
        ("trainer.acc", ["trainer.accelerator="]),
        ("trainer.accelerator=c", ["trainer.accelerator=cpu", "trainer.accelerator=cuda"]),
        ("trainer.deterministic=", ["trainer.deterministic=true", "trainer.deterministic=false"]),
        ("tra", ["trainer=", "tracking=", "trainer.", "tracking."]),
        ("data/", ["data/split="]),
        ("data/split=k", ["data/split=kfold", "data/split=kfold_once"]),
        ("experiment=nested/perovskite model.sc", ["model.scales."]),
        ("experiment=nested/perovskite model.scales.ions.lat", ["model.scales.ions.latent_dim="]),
        ("hydra.sweeper.sampler=t", ["hydra.sweeper.sampler=tpe"]),
        ("+experiment=beps/toy model.lat", ["model.latents="]),
        ("~baselin", ["~baselines="]),
        ("nothing.like.this", []),
        ("nothing=", []),
    ],
)
def test_a_word_is_completed_in_the_configuration_that_is_typed(index, line, candidates):
    *typed, current = line.split(" ")

    assert list(override_candidates(index, typed, current)) == candidates


def test_keys_to_be_explained_have_no_value(index):
    assert list(key_candidates(index, [], "model.l")) == ["model.loss", "model.lr"]
    assert "trainer" in key_candidates(index, [], "tr")


def test_a_choice_is_shown_with_its_description(index):
    assert override_candidates(index, [], "pruner=n") == {"pruner=none": "Every trial of a sweep trains to its end."}


def test_paths_are_completed_to_files_and_folders(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "mine.csv").touch()
    (tmp_path / ".hidden").touch()

    assert list(override_candidates(index, ["data=table"], "data.path=")) == ["data.path=tables/"]
    assert list(file_candidates("input=", "tables/m")) == ["input=tables/mine.csv"]
    assert list(file_candidates("input=", "nowhere/")) == []
    assert list(file_candidates("", f"{tmp_path}/ta")) == [f"{tmp_path}/tables/"]
