import json
from types import SimpleNamespace

import pytest
import yaml

from remanence.models.dnn import DNN
from remanence.tracking.comparison import differing_parameters
from remanence.tracking.later_keys import Later, complete, complete_arguments, without
from remanence.tracking.parameters import complete_parameters, config_hash
from remanence.tracking.saved_model import load_model, save_model
from remanence.tracking.stored_configuration import read_configuration

TABLE = "remanence.data.table.Table"
FOREST = "remanence.models.random_forest.RandomForest"
THEN = {
    "seed": 0,
    "trainer": {"max_epochs": 3},
    "data": {"_target_": TABLE, "split": {"kind": "grouped", "seed": 0}},
    "model": {
        "_target_": "remanence.models.nested_ae.NestedAE",
        "scales": {"ions": {"encoder": {"act": "tanh"}}, "mix": {"lr": 2}},
    },
    "baselines": {"forest": {"_target_": FOREST}, "linear": {"_target_": "remanence.models.linear.Linear"}},
}
LATER = [
    Later("trainer.compile", False),
    Later("acquisition", {"kind": "none"}),
    Later("duplicates", "split", of=TABLE),
    Later("split.purge", 0, of=TABLE, kind="grouped"),
    Later("split.gap", 0, of=TABLE, kind="kfold"),
    Later("max_depth", None, of=FOREST),
    Later("model.scales.*.encoder.norm", None),
    Later("data.scales.*.encoder.norm", None),
    Later("acquisition.cost", 0.0),
]
NOW = {
    "seed": 0,
    "trainer": {"max_epochs": 3, "compile": False},
    "data": {"_target_": TABLE, "duplicates": "split", "split": {"kind": "grouped", "seed": 0, "purge": 0}},
    "model": {
        "_target_": "remanence.models.nested_ae.NestedAE",
        "scales": {"ions": {"encoder": {"act": "tanh", "norm": None}}, "mix": {"lr": 2}},
    },
    "baselines": {
        "forest": {"_target_": FOREST, "max_depth": None},
        "linear": {"_target_": "remanence.models.linear.Linear"},
    },
    "acquisition": {"kind": "none", "cost": 0.0},
}
"""``THEN`` as it would be composed after the lines of ``LATER``, with what does the same."""


@pytest.fixture(autouse=True)
def _later(monkeypatch):
    monkeypatch.setattr("remanence.tracking.later_keys.LATER", LATER)


def changed(dotted, value, cfg=NOW):
    first, _, rest = dotted.partition(".")
    return {**cfg, first: changed(rest, value, cfg[first]) if rest else value}


def test_a_stored_configuration_gets_what_did_the_same_where_its_classes_and_kinds_have_the_key():
    assert complete(THEN) == NOW


def test_what_is_stored_stays():
    for key, value in {"data.duplicates": "together", "trainer.compile": True, "acquisition.kind": "ei"}.items():
        assert complete(changed(key, value)) == changed(key, value)


def test_without_the_keys_that_do_the_same_it_is_what_it_was():
    assert without(NOW) == THEN
    assert without(THEN) == THEN


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.duplicates", "together"),
        ("data.split.purge", 2),
        ("trainer.compile", True),
        ("acquisition.kind", "ei"),
        ("acquisition.cost", 1.0),
        ("baselines.forest.max_depth", 4),
    ],
)
def test_only_another_value_enters_the_hash(monkeypatch, key, value):
    with monkeypatch.context() as earlier:
        earlier.setattr("remanence.tracking.later_keys.LATER", [])
        before = config_hash(THEN)

    assert config_hash(NOW) == before == config_hash(THEN)
    assert config_hash(changed(key, value)) != before


def test_stored_parameters_are_complete_and_unchanged():
    stored = {"data._target_": TABLE, "data.split.kind": "kfold", "data.units": "{}", "seed": "0", "seed.odd": "1"}

    assert complete_parameters(stored) == {
        **stored,
        **{"data.duplicates": "split", "data.split.gap": "0"},
        **{"acquisition.kind": "none", "acquisition.cost": "0.0"},
    }


def test_arguments_of_a_stored_model_and_of_its_members_are_complete():
    inner = {"member": FOREST, "arguments": {"n_estimators": 3}, "targets": [0]}
    whole = inner | {"arguments": {"n_estimators": 3, "max_depth": None}}

    assert complete_arguments(FOREST, {"max_depth": 2}) == {"max_depth": 2}
    assert complete_arguments(FOREST, {}) == {"max_depth": None}
    assert complete_arguments("a.Ensemble", inner) == whole
    assert complete_arguments("a.Blended", {"ensemble": inner, "weights": [1.0]}) == {
        "ensemble": whole,
        "weights": [1.0],
    }
    assert complete_arguments("a.TableBlend", {"parts": [inner, inner]}) == {"parts": [whole, whole]}


def test_a_stored_model_without_the_argument_is_built_with_what_did_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "remanence.tracking.later_keys.LATER", [Later("activation", "relu", of="remanence.models.dnn.DNN")]
    )
    save_model(DNN(n_features=1), tmp_path)
    description = json.loads((tmp_path / "model.json").read_text())
    del description["arguments"]["activation"]
    (tmp_path / "model.json").write_text(json.dumps(description))

    model, _ = load_model(tmp_path)
    assert model.hparams["activation"] == "relu"


def test_a_run_is_read_with_the_keys_that_came_after_it(train, client, monkeypatch):
    monkeypatch.setattr("remanence.tracking.later_keys.LATER", [Later("batch_size", 8, of="remanence.data.nbbt.NBBT")])
    run = train("model=linear")
    stored = read_configuration(client, run.info.run_id)
    assert stored["data"].pop("batch_size") == 32
    client.log_text(run.info.run_id, yaml.safe_dump(stored), "config.yaml")

    assert read_configuration(client, run.info.run_id)["data"]["batch_size"] == 8


def test_runs_that_do_the_same_do_not_differ_in_a_key_that_one_of_them_lacks():
    old, same, other = (
        SimpleNamespace(data=SimpleNamespace(params={"data._target_": TABLE, **added}))
        for added in ({}, {"data.duplicates": "split"}, {"data.duplicates": "together"})
    )

    assert differing_parameters([old, same]).empty
    assert differing_parameters([old, other])["data.duplicates"].tolist() == ["split", "together"]
