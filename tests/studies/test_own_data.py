from types import SimpleNamespace

import numpy as np
import pytest

from remanence.data.opened_table import OpenedTable
from remanence.errors import ConfigurationError, DataError
from remanence.studies.own_data import (
    check_asked,
    check_files,
    format_of,
    open_own_data,
    refuse_changes,
    refuse_second_file,
)
from remanence.tracking.run import Run


@pytest.fixture
def run(table, command, all_runs, client, outputs):
    """A run on a small table, as it is opened later, and the file."""
    path = table()
    columns = ("data.target=d33", "data.features=[x,amount]", "model=linear", "baselines=none", "figures=brief")
    result = command("train", "experiment=piezo/table", "data/split=stratified", f"data.path={path}", *columns)
    assert result.code == 0, result.err
    (found,) = all_runs()
    return Run.of(found, client, uri=f"sqlite:///{outputs}/mlflow.db", outputs=outputs), path


def test_a_run_holds_out_again_what_it_held_out_and_no_file_that_has_changed(run):
    own, path = run

    opened = open_own_data(own, OpenedTable)

    held_out = own.folder / "tables" / "test_predictions.csv"
    rows = np.loadtxt(held_out, delimiter=",", skiprows=1, usecols=0)
    assert opened.fold.test.tolist() == rows.tolist()
    with pytest.raises(TypeError, match=r"to be int, but got OpenedTable\.$"):
        open_own_data(own, int)
    path.write_text(path.read_text().replace("NS", "QS"))
    with pytest.raises(DataError, match=rf"^{path}: has changed since run {own.id} read it"):
        open_own_data(own, OpenedTable)


def test_a_picture_of_a_library_needs_no_file():
    check_files({"image": "china.jpg"}, "1a2b")
    check_files({"image": None}, "1a2b")

    for key, missing in {"image": "chinas.jpg", "path": "china.jpg"}.items():
        with pytest.raises(
            DataError, match=rf"^{missing}: no such file; run 1a2b read .* data\.{key}=<where it is now>"
        ):
            check_files({key: missing}, "1a2b")


def test_a_table_is_read_in_one_way_and_given_once():
    with pytest.raises(ConfigurationError, match=r"^predict: data\.cycle=0: a table is read by the names of its colu"):
        refuse_changes("predict", ["data.cycle=0"])
    for refuse in (refuse_changes, refuse_second_file):
        with pytest.raises(ConfigurationError, match=r"^evaluate: data\.path=b\.csv: what is read is named already"):
            refuse("evaluate", ["data.path=b.csv"])
        refuse("evaluate", [])
    refuse_second_file("evaluate", ["data.cycle=0"])


def test_the_format_of_a_file_is_all_that_may_be_said_of_a_table():
    assert format_of("predict", ["data.sheet=2"]).sheet == 2
    with pytest.raises(ConfigurationError, match=r"^predict: data\.cycle=0: a table is read by the names"):
        format_of("predict", ["data.sheet=2", "data.cycle=0"])


def test_a_key_that_means_nothing_to_the_model_is_told_with_those_that_do():
    own = SimpleNamespace(id="1a2b")
    check_asked(own, {"over": "x=0:1"}, known=["over", "steps"], what="a table")

    with pytest.raises(ConfigurationError) as refused:
        check_asked(own, {"over": "x=0:1", "ions": "MA"}, known=["over", "steps"], what="a table")

    assert str(refused.value) == "design: ions= is not for run 1a2b, which is on a table; it takes over=, steps="
