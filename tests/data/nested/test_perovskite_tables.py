import csv

import numpy as np
import pandas as pd
import pytest

from remanence.data.nested.perovskite_tables import (
    COMMON_GAP,
    NOT_REPORTED,
    PUBLISHED_DESCRIPTORS,
    read_binding,
    read_devices,
    read_gaps,
)
from remanence.errors import DataError
from remanence.science.nested.composition import format_composition, ion_fractions
from remanence.science.nested.descriptors import FEATURES, describe
from remanence.science.nested.ions import IONS
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS, describe_solvents
from remanence.science.nested.tabulated_ions import SITE_PROPERTIES, tabulated_properties

GAPS, BINDING, DEVICES = "perov_bandgaps_PBE.csv", "perov_solv_BE_for_nestedae.csv", "PSC_efficiencies_dataset.csv"
READERS = {GAPS: read_gaps, BINDING: read_binding, DEVICES: read_devices}
KJ_PER_MOL = 96.485332  # in an eV


@pytest.fixture(scope="module")
def published(shared_data):
    """Read a published file as the package does, and as pandas does."""

    def read(name):
        path = shared_data / "perovskite" / name
        return READERS[name](path), pd.read_csv(path, encoding="utf-8-sig")

    return read


@pytest.fixture
def damaged(shared_data, tmp_path):
    """Copy a published file with one cell changed; rows are counted as a spreadsheet does."""

    def write(name, row, column, value):
        with open(shared_data / "perovskite" / name, encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
        lines[row - 1][lines[0].index(column)] = value
        path = tmp_path / name
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows(lines)
        return path

    return write


def test_gaps_are_the_358_rows_in_their_order(published):
    frame, raw = published(GAPS)

    assert list(frame.columns) == ["composition", "gap", *PUBLISHED_DESCRIPTORS]
    assert len(frame) == frame["composition"].nunique() == 358
    np.testing.assert_array_equal(frame["gap"], raw["Gap"])
    np.testing.assert_array_equal(frame[list(PUBLISHED_DESCRIPTORS)], raw[list(PUBLISHED_DESCRIPTORS)])
    np.testing.assert_allclose(ion_fractions(frame["composition"]), raw[list(IONS)], atol=1e-3)
    assert frame["composition"].iloc[[0, 7]].tolist() == ["MAGeCl3", "MAPbBr3"]


def test_descriptors_of_a_composition_are_the_published_ones(published):
    frame, _ = published(GAPS)

    features = describe(ion_fractions(frame["composition"]))[:, :15]

    assert FEATURES[:15] == PUBLISHED_DESCRIPTORS
    # printed with three decimals, and in five rows made from thirds and sixths with three decimals
    np.testing.assert_allclose(features, frame[list(PUBLISHED_DESCRIPTORS)], rtol=2e-4, atol=0.5001e-3)


def test_binding_energies_are_a_complete_grid_and_their_descriptors_the_published_ones(published):
    frame, raw = published(BINDING)

    assert list(frame.columns) == ["composition", "solvent", "binding_energy"]
    assert (frame.groupby("composition")["solvent"].nunique() == 8).all()
    assert (frame["composition"].nunique(), len(frame)) == (30, 240)
    assert frame.iloc[0].tolist() == ["FAPbBrCl2", "THTO", 41.31]
    np.testing.assert_array_equal(frame["binding_energy"], raw["Target"])
    features = pd.DataFrame(describe(ion_fractions(frame["composition"])), columns=list(FEATURES))
    caesium = raw["Cation"] == "Cs"
    assert (raw.loc[caesium, "A_IONRAD"] == 1.7).all()  # the one fact on which the two published tables differ
    raw.loc[caesium, "A_IONRAD"] = 1.74
    np.testing.assert_allclose(features[list(PUBLISHED_DESCRIPTORS)], raw[list(PUBLISHED_DESCRIPTORS)], rtol=1e-3)
    np.testing.assert_array_equal(features["A_HATOMS"], raw["CATION_HATOMS"])
    np.testing.assert_array_equal(describe_solvents(frame["solvent"]), raw[list(SOLVENT_DESCRIPTORS)])


def test_devices_are_the_2018_rows_in_their_order(published):
    frame, raw = published(DEVICES)

    layers, measurement = ["etl", "htl", "substrate"], ["atmosphere", "test_atmosphere", "scan_speed", "gap_basis"]
    assert list(frame.columns) == ["composition", *layers, *measurement, "pce", "band_gap", "assumed_gap"]
    assert len(frame) == 2018
    assert frame[["etl", "htl", "atmosphere", "test_atmosphere", "gap_basis"]].nunique().tolist() == [7, 4, 2, 4, 3]
    assert (frame["scan_speed"] == NOT_REPORTED).sum() == raw["JV_scan_speed"].isna().sum() == 1034
    np.testing.assert_array_equal(frame["assumed_gap"], raw["Perovskite_band_gap"].fillna(COMMON_GAP))
    assert (frame["composition"] == "MAPbI3").sum() == 984
    np.testing.assert_array_equal(frame["pce"], raw["JV_reverse_scan_PCE"])
    np.testing.assert_array_equal(frame["band_gap"], raw["Perovskite_band_gap"])
    assert frame["band_gap"].notna().sum() == 1429


def test_equal_compositions_of_devices_are_written_equally(published):
    frame, raw = published(DEVICES)

    spelt = raw["Perovskite_composition_long_form"]
    assert (frame["composition"].nunique(), spelt.nunique()) == (235, 239)  # 0.80 is 0.8
    np.testing.assert_allclose(ion_fractions(frame["composition"]), ion_fractions(spelt), atol=1e-4)


DEVICE_COLUMNS = {
    "A_IONRAD": ("A_ion_rad", 1.0, ()),
    "A_MASS": ("A_at_wt", 1.0, ("FA",)),  # 45.06 there, and 44.056, one proton less, in the table of gaps
    "B_IONRAD": ("B_ion_rad", 1.0, ("Ge",)),  # 0.87 there: eightfold
    "B_MASS": ("B_at_wt", 1.0, ()),
    "B_IE": ("B_IE", KJ_PER_MOL, ()),
    "B_En": ("B_En", 1.0, ()),
    "X_IONRAD": ("X_ion_rad", 1.0, ("I",)),  # 2.2 there: ionic, not van der Waals
    "X_MASS": ("X_atom_wt", 1.0, ()),
    "X_EA": ("X_EA", KJ_PER_MOL, ()),
    "X_IE": ("X_IE", KJ_PER_MOL, ()),
    "X_En": ("X_En", 1.0, ()),
    "tolerance_factor": ("Tolerance Factor", 1.0, ("Ge",)),
    "octahedral_factor": ("Octahedral Factor", 1.0, ("Ge",)),
}
"""Feature to the column of devices, how many of its units are in one of ours, and ions on which the tables differ."""


@pytest.mark.parametrize("feature", DEVICE_COLUMNS)
def test_descriptors_are_those_of_the_devices_after_conversion(published, feature):
    _, raw = published(DEVICES)
    fractions = ion_fractions(raw["Perovskite_composition_long_form"])
    column, factor, differing = DEVICE_COLUMNS[feature]
    kept = (fractions[:, [IONS.index(ion) for ion in differing]] == 0).all(axis=1)

    values = describe(fractions)[:, FEATURES.index(feature)]

    assert kept.sum() >= 13
    np.testing.assert_allclose(values[kept] * factor, raw.loc[kept, column], rtol=1e-3)


def test_properties_of_2024_are_those_of_the_devices(published):
    _, raw = published(DEVICES)
    columns = [name for site in ((20, 25), (31, 36), (42, 47)) for name in raw.columns[slice(*site)]]

    values = tabulated_properties(ion_fractions(raw["Perovskite_composition_long_form"]))

    assert values.shape == (2018, len(SITE_PROPERTIES))
    np.testing.assert_allclose(values, raw[columns], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "reason"),
    [
        (GAPS, 3, "Formula", "MAGeF_3", "row 3, column 'Formula': composition 'MAGeF_3': unknown ion 'F'"),
        (GAPS, 3, "Formula", "MAGeCl_3", "row 3, column 'Formula' is 'MAGeCl_3', but the fractions of the row are"),
        (GAPS, 5, "Gap", "", "row 5, column 'Gap' is empty"),
        (GAPS, 5, "B_IE", "high", "row 5, column 'B_IE' is not a number: 'high'"),
        (GAPS, 5, "Pb", "nan", "row 5, column 'Pb' is empty or NaN"),
        (GAPS, 1, "Gap", "gap", "no column 'Gap'"),
        (BINDING, 4, "Cation", "GA", "row 4, column 'Cation': composition 'GAPb"),
        (BINDING, 4, "I", "0.4", "row 4, column 'Cation': composition"),
        (BINDING, 4, "SOLVENT", " ", "row 4, column 'SOLVENT' is empty"),
        (BINDING, 4, "Target", "inf", "row 4, column 'Target' is not finite"),
        (DEVICES, 9, "Perovskite_composition_long_form", "", "row 9, column 'Perovskite_composition_long_form'"),
        (DEVICES, 9, "JV_reverse_scan_PCE", "-", "row 9, column 'JV_reverse_scan_PCE' is not a number"),
        (DEVICES, 9, "Perovskite_band_gap", "wide", "row 9, column 'Perovskite_band_gap' is not a number: 'wide'"),
        (DEVICES, 9, "ETL_stack_sequence", "", "row 9, column 'ETL_stack_sequence' is empty"),
    ],
)
def test_a_bad_cell_is_one_line_with_its_row(damaged, name, row, column, value, reason):
    path = damaged(name, row, column, value)

    with pytest.raises(DataError) as caught:
        READERS[name](path)

    message = str(caught.value)
    assert name in message
    assert reason in message
    assert len(message.splitlines()) == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_gaps(tmp_path / GAPS)


def test_formulas_of_all_tables_are_canonical(published):
    for name in READERS:
        formulas = published(name)[0]["composition"].unique()
        assert [format_composition(row) for row in ion_fractions(formulas)] == list(formulas)
