import io
from types import SimpleNamespace

import pandas as pd
import pytest

from remanence.tracking.comparison import differing_parameters
from remanence.verbs import compare as verb


def test_a_run_that_was_killed_before_it_wrote_its_parameters_differs_in_none():
    runs = [SimpleNamespace(data=SimpleNamespace(params=params)) for params in ({}, {"seed": "0"}, {"seed": "1"}, {})]

    assert differing_parameters(runs).to_dict("list") == {"seed": ["", "0", "1", ""]}
    assert differing_parameters(runs[:2]).empty


@pytest.mark.parametrize(("width", "named"), [(300, True), (130, False)])
def test_names_of_trials_that_columns_repeat_give_way_in_a_narrow_terminal(monkeypatch, width, named):
    from rich.console import Console

    console = Console(width=width, record=True, soft_wrap=True, file=io.StringIO())
    monkeypatch.setattr(verb, "console", console)
    table = pd.DataFrame(
        {
            "run": ["lr=0.1, loss=mse", "lr=0.2, loss=mse"],
            "config": ["piezo/ns"] * 2,
            "model.lr": [0.1, 0.2],
            "model.loss": ["mse"] * 2,
            "model.weight_decay": ["0.00014016907816835644", "1.4016907816835e-05"],
            **{f"test/{metric}": [0.123456, 0.2] for metric in ("r2", "rmse", "mae", "mse", "relative_error")},
            "id": ["0123456789abcdef" * 2, "1123456789fedcba" * 2],
        }
    )

    verb.print_comparison(table, title="piezo")
    verb.print_comparison(table.assign(run=["lr=0.1, loss=mse", "my best"]), title="named")

    first, second = console.export_text().split("named: 2 runs")
    assert ("lr=0.1, loss=mse" in first) is named
    assert all(short in first for short in ("01234567", "11234567"))
    assert "my best" in second
    assert all(f"│ {drawn} " in first for drawn in ("0.0001402", "1.402e-05"))
