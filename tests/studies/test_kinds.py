import subprocess
import sys
import textwrap

import pytest

from remanence.configuration.compose import compose
from remanence.studies.kinds import KINDS, amended, checked
from remanence.tracking.later_keys import Later
from remanence.tracking.parameters import config_hash


def test_a_configuration_of_an_earlier_release_gets_the_defaults_of_later_keys():
    now = checked(compose(["experiment=beps/toy"]))
    then = {key: value for key, value in now.plain.items() if key not in ("sweep", "pruner", "n_jobs", "fork")}
    then["trainer"] = {key: value for key, value in now.plain["trainer"].items() if key != "strategy"}

    assert amended(then, []).plain == now.plain


@pytest.fixture
def batches_of_eight(monkeypatch):
    """Let the size of a batch be younger than the runs, which were trained with eight rows."""
    later = [Later("batch_size", 8, of="remanence.data.nbbt.NBBT"), Later("pruner", {"kind": "none"})]
    monkeypatch.setattr("remanence.tracking.later_keys.LATER", later)


@pytest.mark.usefixtures("batches_of_eight")
def test_a_younger_key_has_the_value_that_reproduces_what_a_stored_run_did_and_not_its_default():
    now = checked(compose(["experiment=piezo/single", "pruner=median"])).plain
    then = {key: value for key, value in now.items() if key != "pruner"}
    then["data"] = {key: value for key, value in now["data"].items() if key != "batch_size"}
    assert now["data"]["batch_size"] != 8

    resumed = amended(then, ["trainer.max_epochs=3"]).plain

    assert (resumed["data"]["batch_size"], resumed["pruner"]) == (8, {"kind": "none"})
    assert amended(then, ["data.batch_size=4"]).plain["data"]["batch_size"] == 4
    assert amended(then, ["pruner=median"]).plain["pruner"] == now["pruner"]
    unchanged = {**then, "trainer": {**then["trainer"], "max_epochs": 3}}
    assert config_hash(resumed) == config_hash(unchanged) != config_hash(now)


def test_a_study_begins_without_what_it_draws_with_and_a_prediction_without_what_suggests():
    script = """
        import importlib, sys
        from remanence.foundation.imports import importing
        from remanence.studies.kinds import KINDS

        def imported(names):
            with importing():
                for name in names:
                    importlib.import_module(name.partition(":")[0])
            return sorted(name for name in sys.modules if name.startswith("remanence."))

        def of(room, names):
            return [name for name in names if f"{name}.".startswith(f"remanence.{room}.")]

        modules = imported([KINDS["table"].applied])
        print(of("figures", modules), of("studies.design.table_search", modules), of("studies.suggest", modules))
        modules = imported(kind.study for kind in KINDS.values())
        print(of("figures", modules))
        for kind in KINDS.values():
            before, modules = modules, imported([f"remanence.studies.{kind.name}.illustrate"])
            more = len(of("figures", modules)) > len(of("figures", before))
            print(kind.name, more, "matplotlib.pyplot" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    suggests = ["remanence.studies.suggest", "remanence.studies.suggest.asked_keys"]  # the names of keys alone
    assert done.stdout.splitlines() == [f"[] [] {suggests}", "[]", *(f"{name} True False" for name in KINDS)]
