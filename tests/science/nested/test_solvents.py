import pytest

from remanence.errors import DataError
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS, SOLVENTS, describe_solvents


def test_rows_are_the_facts_of_the_named_solvents():
    values = describe_solvents(["NITRO", "DMSO", "NITRO"])

    assert values.shape == (3, len(SOLVENT_DESCRIPTORS)) == (3, 6)
    assert values[1].tolist() == [1.02, 46.7, 29.8, 3.96, 70.9, 0.39]
    assert values[0].tolist() == values[2].tolist() == list(SOLVENTS["NITRO"].values)
    assert describe_solvents([]).shape == (0, 6)


def test_an_unknown_solvent_lists_the_known_ones():
    with pytest.raises(DataError, match=r"^solvent 'WATER': unknown; known: DMSO, THTO, DMF, NMP, ACETONE, METHA, GBL"):
        describe_solvents(["DMF", "WATER"])
