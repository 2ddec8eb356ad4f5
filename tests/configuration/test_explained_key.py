import pytest

from remanence.configuration.composed_files import compose_files
from remanence.configuration.explained_key import MISSING, explain_key, plain_values
from remanence.configuration.keys import known_keys
from remanence.errors import ConfigurationError
from remanence.tracking.parameters import flatten


@pytest.fixture(scope="module")
def knn():
    return compose_files(["experiment=piezo/knn"])


def test_a_key_has_meaning_type_default_value_and_places(knn):
    found = explain_key("model.loss", knn)

    assert found.meaning == "one of LOSSES, taken on z-scores so that all targets weigh the same"
    assert found.comment == "the paper's choice; smooth_l1 for tables with outliers"
    assert (found.allowed, found.default, found.value) == ("mse or smooth_l1", "mse", "smooth_l1")
    assert [setting.value for setting in found.settings] == ["mse", "smooth_l1"]


def test_a_unit_is_told_where_something_says_it(knn):
    assert explain_key("callbacks.checkpoint_seconds", knn).unit == "s"
    assert explain_key("tracking.patience", knn).unit == "s"
    assert explain_key("trainer.max_epochs", knn).unit == "epochs"
    assert explain_key("model.lr", knn).unit == ""


def test_a_key_below_a_name_of_the_users_has_its_own_type_and_meaning():
    found = explain_key("data.tables.atoms.path", compose_files(["data=chain"]))

    assert found.allowed == "path of a file"
    assert "data.tables.atoms.path" in known_keys("data.tables.atoms.pth")


def test_references_are_resolved(knn):
    found = explain_key("config", knn)

    assert (found.written, found.value) == ("${hydra:runtime.choices.experiment}", "piezo/knn")


def test_what_must_be_given_has_no_value():
    found = explain_key("data.target", compose_files(["experiment=piezo/table"]))

    assert (found.value, found.default) == (MISSING, MISSING)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("model.los", "unknown key 'model.los'; did you mean 'model.loss'?"),
        ("trainer.max_epoch", "unknown key 'trainer.max_epoch'; did you mean 'trainer.max_epochs'?"),
        ("model.latents", "model.latents: not in this composition, but with model=autoencoder, beta_vae"),
        ("trainner", "unknown key 'trainner'; did you mean 'trainer'?"),
    ],
)
def test_an_unknown_key_names_the_nearest_or_who_has_it(knn, key, message):
    with pytest.raises(ConfigurationError) as error:
        explain_key(key, knn)

    assert str(error.value).startswith(f"explain: {message}")


@pytest.mark.parametrize("experiment", ["piezo/knn", "beps/toy", "nested/perovskite"])
def test_every_key_of_a_study_has_a_meaning(experiment):
    composed = compose_files([f"experiment={experiment}", "pruner=median"])
    keys = [key for key, _ in flatten(plain_values(composed)) if not key.endswith("_target_")]
    own = ("baselines.", "data.abbreviations.", "data.leave_out.")  # of other classes, or of names of the user's own

    without = [key for key in keys if not key.startswith(own) and not explain_key(key, composed).meaning]

    assert without == []
