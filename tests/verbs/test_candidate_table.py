import pandas as pd
import pytest

from remanence.foundation.terminal import console
from remanence.studies.design.verdicts import with_verdicts
from remanence.verbs.candidate_table import print_candidates

FORMULA = "0.942Na0.5Bi0.5TiO3-0.058BaTiO3"
REASON = "predicted among the best, and uncertain"


def candidates(extrapolated):
    rows = pd.DataFrame({"Component": [FORMULA] * 2, "Sintering temperature": [1172.5, 1180.0], "h": [2.0, 4.0]})
    predicted = pd.DataFrame({"d33": [123.4, 122.0], "d33_low": [82.0, 80.0], "d33_high": [165.0, 166.0]})
    verdicts = {
        "distance": [1.2, 0.4],
        "extrapolated": extrapolated,
        "nearest": [f"{FORMULA}: 140"] * 2,
        "reason": REASON,
    }
    table = with_verdicts(rows, predicted, verdicts, {"d33": ("d33_low", "d33_high")})
    table.attrs["units"] = {"d33": "pC/N", "Sintering temperature": "°C"}
    return table


@pytest.mark.parametrize("width", [40, 80, 100, 180, 400])
def test_nothing_is_cut_in_any_terminal(width, capsys, monkeypatch):
    monkeypatch.setattr(console, "_width", width)

    print_candidates(candidates(["no", "no"]), title="next")

    printed = capsys.readouterr().out
    assert "…" not in printed
    for number in ("1172", "1180", "123.4 (82 to 165)", "122 (80 to 166)"):
        assert number in printed
    assert printed.count(REASON) == 2
    if width >= 100:
        assert printed.count(FORMULA) == 4  # the candidates and their nearest rows, in full
    if width >= 80:
        assert max(len(line) for line in printed.splitlines() if line.startswith(("┏", "│"))) <= width
    assert ("1: nearest " in printed) == (width < 400)
    assert "yellow" not in printed


def test_yellow_is_explained_only_if_a_row_is(capsys):
    print_candidates(candidates(["no", "yes"]), title="next")

    assert "yellow: outside the training data" in capsys.readouterr().out
