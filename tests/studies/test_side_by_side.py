from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.studies import side_by_side
from remanence.studies.side_by_side import show_predictions


class Parent:
    """A run of a sweep that keeps the names of figures."""

    def __init__(self) -> None:
        self.client = SimpleNamespace(
            list_artifacts=lambda run, folder: [SimpleNamespace(path="tables/test_predictions.csv")]
        )
        self.figures = []

    def log_figure(self, figure, name):
        self.figures.append((figure, name))


@pytest.mark.parametrize("measured", [[1.0, 2.0], ["1 ± 0.5", "2"]], ids=["numbers", "as typed"])
def test_runs_are_drawn_beside_each_other_whatever_the_measured_cells_are(tmp_path, monkeypatch, measured):
    path = tmp_path / "test_predictions.csv"
    predicted = np.array([1.5, 2.5])
    frame = {"row": [0, 1], "d33": measured, "d33_predicted": predicted, "d33_error": predicted - [1, 2]}
    pd.DataFrame(frame).to_csv(path, index=False)
    monkeypatch.setattr(side_by_side, "logged_path", lambda *_: path)
    parent = Parent()

    show_predictions(
        parent,
        [
            SimpleNamespace(info=SimpleNamespace(run_id=name, run_name=name), data=SimpleNamespace(params={}))
            for name in "ab"
        ],
    )

    ((figure, name),) = parent.figures
    assert name == "side_by_side_d33"
    assert {text.get_text() for ax in figure.axes for text in ax.texts} >= {"RMSE 0.5"} or any(
        "RMSE 0.5" in ax.get_title() for ax in figure.axes
    )
