import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from small_chain import SOLVENTS, NumberChain, SmallChain, number_rows, training_rows

from remanence.errors import ConfigurationError
from remanence.studies.design.candidates import unseen_mixtures
from remanence.studies.design.chain_search import search_chain

TRAINED = training_rows()


def search(target, **given):
    return search_chain(SmallChain(), TRAINED, target=target, **given)


def test_the_best_composition_and_category_of_the_grid_come_first():
    table = search("binding_energy=min")

    best = table.iloc[0]
    assert (best["composition"], best["solvent"]) == ("CsPbI3", "GBL")  # the smallest gap, 1.5 − 1.2 + 1, squared
    assert best["binding_energy"] == pytest.approx(1.3**2 + 1.0)
    assert set(table["solvent"]) == set(SOLVENTS)
    on_grid = table[table["found_by"] != "latent"]
    assert len(on_grid) == 5 * 5 * 5 * 3  # two ions a site: each alone, and three mixtures
    assert best["found_by"] == "both"
    assert not table.duplicated(["composition", "solvent"]).any()


def test_a_target_is_met_under_constraints_of_another_scale():
    table = search("binding_energy<8", constraints="gap in [1.6,2] and binding_energy>5")

    gap, binding = table["gap"], table["binding_energy"]
    meets = gap.between(1.6, 2) & (binding < 8) & (binding > 5)
    sure = (gap - 0.1 >= 1.6) & (gap + 0.1 <= 2) & (binding + 0.1 < 8) & (binding - 0.1 > 5)
    assert meets.any()
    assert sure.any()
    assert meets.equals(table["meets"] == "yes")
    assert sure.equals(table["sure"] == "yes")
    inside = table[table["extrapolated"] == "no"]
    kept = inside["gap"].between(1.6, 2) & (inside["binding_energy"] > 5)
    assert kept.is_monotonic_decreasing  # those that keep the constraints first
    assert inside["binding_energy"][kept].is_monotonic_increasing
    np.testing.assert_allclose(table["gap_high"] - table["gap_low"], 0.2)


def test_latents_find_a_value_between_the_points_of_the_grid():
    wanted = 1.5 - 1.2 + 1.125  # CsPbBr0.375I2.625 has it, which is half a step beside the grid

    table = search(f"gap={wanted}", ions="Cs,Pb,Br,I")

    assert table.iloc[0]["composition"] == "CsPbBr0.375I2.625"
    assert table.iloc[0]["found_by"] == "latent"
    assert set(table["composition"][table["found_by"] != "latent"]) == {
        "CsPbI3",
        "CsPbBr0.75I2.25",
        "CsPbBr1.5I1.5",
        "CsPbBr2.25I0.75",
        "CsPbBr3",
    }


def test_ions_outside_the_training_rows_are_flagged_and_come_last():
    table = search("gap=max", ions="MA,FA,Pb,Ca,Cl,I", step="0.5")

    trained = TRAINED["ions"]["composition"]
    chain = SmallChain()
    outside = table["extrapolated"] == "yes"
    assert outside.equals(table["composition"].str.contains("Ca"))  # its number is below those of the training rows
    assert outside.is_monotonic_increasing
    x, known = (chain.inputs(pd.DataFrame({"composition": rows}), "ions") for rows in (table["composition"], trained))
    np.testing.assert_allclose(table["distance"], cdist(x / known.std(axis=0), known / known.std(axis=0)).min(axis=1))
    assert (table["distance"][table["composition"].isin(trained)] < 1e-9).all()


def test_a_site_that_no_training_row_mixes_is_flagged():
    flagged = unseen_mixtures(["CsPbI3", "Cs0.5MA0.5PbI3", "CsPbBr1.5I1.5"], ["MAPbI3", "CsPbBr1I2"])

    assert flagged.tolist() == [False, True, False]


def test_a_constraint_on_a_coarser_scale_flags_what_that_scale_has_not_seen():
    table = search("gap=max", constraints="binding_energy<99", step="0.5", ions="Cs,MA,FA,Pb,Br,I")

    assert list(table.columns[:2]) == ["composition", "solvent"]
    unseen = table["composition"].str.contains("FA")  # in the table of gaps, not in that of binding energies
    pure = table["composition"].str.fullmatch("FA.*")
    assert (table["extrapolated"][pure] == "yes").all()
    assert (table["extrapolated"][~unseen] == "no").all()


def test_numbers_are_sampled_and_the_optimum_between_them_is_found():
    table = search_chain(NumberChain(), number_rows(), target="y=max")

    best = table.iloc[0]
    assert best["y"] == pytest.approx(1, abs=1e-3)
    assert (float(best["p"]), float(best["q"]), best["kind"]) == (
        pytest.approx(0.3, abs=0.03),
        pytest.approx(-0.5, abs=0.03),
        "b",
    )
    assert set(table["found_by"]) == {"sample", "latent"}
    assert not {"meets", "sure"} & {*table}  # a maximum is no condition
    assert table["y_low"].isna().all()


def test_units_travel_with_the_table():
    assert search("gap=1.5").attrs["units"] == {"gap": "eV"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"target": "pce>1"}, "target: the run predicts gap, binding_energy, not 'pce'"),
        ({"target": "gap>1", "constraints": "gap=max"}, "constraints: expected such as"),
        ({"target": "gap>1", "ions": "MA,Pb"}, "ions: none for site X"),
        ({"target": "gap>1", "step": "0.3"}, "step: expected such as"),
        ({"target": "gap>1", "step": "0.01"}, "design: the grid has "),
    ],
)
def test_a_wrong_request_is_one_line(given, message):
    with pytest.raises(ConfigurationError) as caught:
        search(**given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["ions", "step"])
def test_a_chain_without_compositions_has_no_grid(key):
    with pytest.raises(ConfigurationError, match=f"^{key}: the run has no column of compositions"):
        search_chain(NumberChain(), number_rows(), target="y=max", **{key: "0.5"})
