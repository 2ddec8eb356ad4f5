"""What a run is called."""

import pytest


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        (("experiment=piezo/table", "ensemble=single"), "t-linear-"),
        (("data=table", "ensemble=single"), "t-linear-"),
        (("experiment=piezo/table", "ensemble=single", "name=mine"), "mine"),
    ],
)
def test_a_run_on_a_table_of_ones_own_is_named_after_the_file(command, table, all_runs, typed, begins):
    path = table()
    own = (f"data.path={path}", "data.target=d33", "data.features=[x,amount]", "model=linear", "baselines=none")

    assert command("train", *typed, *own, "figures=brief").code == 0

    (run,) = all_runs()
    assert run.info.run_name.startswith(begins.replace("t-", f"{path.stem}-", 1) if begins[0] == "t" else begins)
