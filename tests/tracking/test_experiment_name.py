"""In which MLflow experiment a run is recorded."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import remanence as rm
from remanence.configuration.folder import conf_folder
from remanence.data.published_files import PUBLISHED
from remanence.data.source import Source
from remanence.sweeps.plan import _experiments
from remanence.tracking.experiment_name import FOR_OWN_FILES, SHIPPED, experiment_name, known_names
from remanence.tracking.options import Tracking

QUICK = (
    *("data/split=stratified", "ensemble=single", "blend=none", "baselines=none", "figures=brief"),
    "trainer.max_epochs=1",
)


@dataclass
class Typed:
    """A configuration, as far as its experiment's name needs it."""

    config: str | None
    experiment: str | None = None
    tracking: Tracking = field(init=False)

    def __post_init__(self):
        self.tracking = Tracking(
            uri=None, system_metrics=False, tags={}, parent=None, patience=0.0, experiment=self.experiment
        )


def own(name="mine.csv", digest="0" * 64, kind="local"):
    return Source(name, f"/lab/{name}", digest, kind)


PUBLISHED_TABLE = own("renamed.csv", PUBLISHED["piezo/knn_d33_train.csv"].sha256)


@pytest.mark.parametrize(
    ("config", "source", "name"),
    [
        ("piezo/table", own(), "mine"),
        ("beps/raw", own("scan 7.h5"), "scan_7"),
        ("spectra/own", own("größe.npz"), "größe"),
        (None, own(), "mine"),
        (None, own("nbbt (synthetic)", kind="simulated"), "custom"),
        ("piezo/table", PUBLISHED_TABLE, "piezo"),
        ("piezo/knn", own(), "piezo"),  # made for one table, whichever copy of it is read
        ("mylab/table", own(), "mylab"),
        ("piezo/table", own("Beps.csv"), "Beps_file"),
        ("piezo/table", own("custom.csv"), "custom_file"),
        ("piezo/table", own("..csv"), "own_file"),
        ("piezo/table", own("--csv=a;b.csv"), "csv_a_b"),
        ("piezo/table", own(f"{'ж' * 100}.csv"), "ж" * 60),
    ],
)
def test_runs_on_a_file_of_ones_own_have_an_experiment_named_after_it(config, source, name):
    assert experiment_name(Typed(config), [source]) == name


def test_the_key_comes_first_and_the_first_own_file_of_a_chain_names_it():
    assert experiment_name(Typed("piezo/table", experiment="lab/2026"), [own()]) == "lab/2026"
    assert experiment_name(Typed(None), [PUBLISHED_TABLE, own("devices.csv"), own("c.csv")]) == "devices"


def test_where_earlier_releases_recorded_a_run_is_known():
    assert known_names(Typed("piezo/table"), [own()]) == ["mine", "piezo"]
    assert known_names(Typed("piezo/ns"), [own(kind="simulated")]) == ["piezo"]


def test_a_sweep_over_several_files_is_in_the_experiment_of_its_configuration():
    assert _experiments([(Typed("piezo/table"), [own()]), (Typed("piezo/table"), [own()])]) == ["mine", "piezo"]
    assert _experiments([(Typed("piezo/table"), [own()]), (Typed("piezo/table"), [own("b.csv")])]) == ["piezo"]


def test_the_lists_are_those_of_the_files():
    folder = Path(conf_folder()) / "experiment"

    assert sorted(path.name for path in folder.iterdir()) == sorted(SHIPPED)
    assert all((folder / f"{name}.yaml").is_file() for name in FOR_OWN_FILES if name != "custom")


def test_runs_on_an_own_table_are_found_by_its_name_and_forks_stay_with_their_origin(
    command, table, all_runs, client, monkeypatch
):
    typed = ("experiment=piezo/table", f"data.path={table()}", "data.target=d33", "data.features=[x,amount]", *QUICK)
    with monkeypatch.context() as earlier:
        earlier.setattr("remanence.tracking.start.experiment_name", lambda cfg, read: "piezo")
        assert command("train", *typed, "name=first").code == 0
    assert command("train", *typed).code == 0
    assert command("train", "fork=first").code == 0
    assert command("train", "fork=first", "tracking.experiment=thesis").code == 0

    assert [len(rm.runs(name)) for name in ("piezo", "mine", "thesis", "piezo/table")] == [2, 1, 1, 4]
    for run in all_runs():
        assert client.get_experiment(run.info.experiment_id).name == run.data.tags["remanence.paper"]
    answer = command("compare", "beps")
    assert (answer.code, answer.err.strip().endswith("; experiments: thesis, mine, piezo")) == (2, True), answer.err
