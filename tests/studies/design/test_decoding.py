import numpy as np
import pandas as pd
import pytest
from small_chain import NumberChain, SmallChain, number_rows, training_rows

from remanence.studies.design.decoding import decoded_rows, nearest_compositions
from remanence.studies.design.raw_rows import grid_rows

IONS = ["Cs", "MA", "Pb", "Sn", "Br", "I"]
PARTS = {"A": 4, "B": 2, "X": 3}


def decode(wanted, scale="ions", settings=None):
    chain = SmallChain()
    x = chain.inputs(pd.DataFrame(wanted), scale)
    return nearest_compositions(
        chain,
        chain.embed(x, scale),
        scale=scale,
        grid=grid_rows("composition", IONS, PARTS, settings or {}),
        trained=training_rows()[scale],
        ions=IONS,
        parts=PARTS,
    )


@pytest.mark.parametrize("composition", ["CsPbI3", "Cs0.25MA0.75PbI3", "MAPb0.5Sn0.5Br2I"])
def test_the_latents_of_a_composition_on_the_grid_decode_to_it(composition):
    assert decode({"composition": [composition]})["composition"].tolist() == [composition]


def test_half_a_step_beside_the_grid_is_reached():
    found = decode({"composition": ["Cs0.125MA0.875PbBr0.5I2.5", "MAPbI3"]})["composition"].tolist()

    on_grid, exact, beside = found
    assert on_grid in ("MAPbI3", "Cs0.25MA0.75PbI3", "MAPbBrI2", "Cs0.25MA0.75PbBrI2")
    assert (exact, beside) == ("MAPbI3", "Cs0.125MA0.875PbBr0.5I2.5")


def test_a_coarse_scale_knows_the_composition_by_its_latents_and_the_solvent_by_its_inputs():
    found = decode({"composition": ["CsSnBr3"], "solvent": ["DMF"]}, "solvents", {"solvent": ["DMSO", "DMF", "GBL"]})

    assert found.to_numpy().tolist() == [["CsSnBr3", "DMF"]]


def test_decoded_numbers_replace_own_inputs_and_categories_stay():
    chain = NumberChain()
    rows = number_rows()["only"].head(2)

    decoded = decoded_rows(
        chain, chain.embed(np.array([[0.1, 0.2, 0.7], [0.3, 0.4, 0.2]]), "only"), scale="only", rows=rows
    )

    np.testing.assert_allclose(decoded[["p", "q"]].astype(float), [[0.1, 0.2], [0.3, 0.4]])
    assert decoded["kind"].tolist() == ["a", "b"]
