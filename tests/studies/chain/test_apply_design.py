import pandas as pd
import pytest


def design(ask, run, folder, *arguments):
    """Return what the verb wrote and what it printed."""
    result = ask(run, "design", *arguments, f"output={folder}/candidates.csv")
    assert result.code == 0, result.err
    return pd.read_csv(folder / "candidates.csv"), result.out


def test_perovskites_and_solvents_of_a_wanted_binding_energy_and_gap_are_listed(perovskite_run, ask, tmp_path):
    wanted = ("target=binding_energy<8", "constraints=gap in [1.2,1.8]", "ions=MA,FA,Cs,Pb,I,Br", "step=0.5", "top=3")

    table, printed = design(ask, perovskite_run, tmp_path, *wanted)

    assert table["solvent"].nunique() == 8
    assert "binding_energy<8 and gap in [1.2,1.8]" in printed
    met = (table["binding_energy_predicted"] < 8) & table["gap_predicted"].between(1.2, 1.8)
    assert ((table["meets"] == "yes") == met).all()
    assert {"grid", "both"} & set(table["found_by"])
    assert f"{len(table)} candidates written to" in printed
    assert set(table["extrapolated"]) <= {"yes", "no"}


def test_candidates_have_the_values_that_the_model_predicts_for_them(own_run, ask, tmp_path):
    table, _ = design(
        ask, own_run, tmp_path, "target=energy<8", "constraints=gap<2.5", "step=0.5", "ions=MA,Cs,Pb,Sn,I"
    )
    assert set(table["additive"]) == {"none", "oil", "salt"}
    table[["composition", "additive", "heat"]].to_csv(tmp_path / "in.csv", index=False)

    result = ask(own_run, "predict", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    predicted = pd.read_csv(tmp_path / "out.csv")
    for name in ("gap", "energy"):
        assert predicted[name].tolist() == pytest.approx(table[f"{name}_predicted"].tolist(), rel=1e-5)
        assert predicted[f"{name}_low"].tolist() == pytest.approx(table[f"{name}_low"].tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["target=pce>20"], "target: the run predicts gap, energy, density, not 'pce'"),
        (["target=energy<8", "constraints=width<2"], "constraints: the run predicts gap, energy, density, not 'width'"),
        (["target=energy<8", "over=heat=0:1"], "design: over= is not for run {run}, which is on a chain of scales"),
        (["target=energy<8", "ions=Pb,Xe"], "ions: unknown ion 'Xe'"),
    ],
)
def test_a_wish_that_the_run_cannot_answer_is_one_line(own_run, ask, arguments, message):
    result = ask(own_run, "design", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: " + message.format(run=own_run.run_id))
