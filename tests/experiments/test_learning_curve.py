import runpy
from pathlib import Path

import pytest

from remanence.configuration.folder import conf_folder

SCRIPT = conf_folder().parent / "experiments" / "nested" / "learning_curve.py"
SMALL = ["trainer.max_epochs=2", "data.split.folds=2", "ensemble.folds=2"]


@pytest.mark.slow
def test_chain_and_single_autoencoder_are_compared_at_each_number_of_rows(outputs, tmp_path, capsys):
    script = runpy.run_path(str(SCRIPT))
    main = script["main"]
    main.__globals__.update(ROWS=(32, 48), NOISE={"smooth": 0.1})

    main(["draws=2", f"figures={tmp_path}", *SMALL])

    said = capsys.readouterr().out.splitlines()
    compared = [line for line in said if "better in" in line]
    assert [line.partition(":")[0] for line in compared] == [
        f"{scale}, {kind}, {rows} rows"
        for scale in ("middle", "coarse")
        for kind in ("mean", "median")
        for rows in (32, 48)
    ]
    tests = [line for line in said if " rows: p " in line]
    assert len(tests) == 4
    assert all(0 <= float(p) <= 1 for line in tests for p in line.partition(": p ")[2].split(", "))
    assert (Path(tmp_path) / "learning_curve_smooth.png").stat().st_size > 5000
