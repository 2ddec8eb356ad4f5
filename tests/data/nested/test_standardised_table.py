import numpy as np
import pandas as pd
import pytest

from remanence.data.nested.perovskite_tables import read_gaps
from remanence.data.nested.standardised_table import read_standardised, recover_fractions
from remanence.data.published_files import STANDARDISED
from remanence.errors import DataError
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.ions import SITE_IONS
from remanence.science.nested.tabulated_ions import SITE_PROPERTIES, TABULATED, tabulated_properties

FILE = "mhp_bandgaps_standardised_494.csv"


@pytest.fixture(scope="module")
def path(shared_data):
    return shared_data / "perovskite" / FILE


@pytest.fixture(scope="module")
def frame(path):
    return read_standardised(path)


def test_the_columns_are_those_of_the_file(frame, path):
    raw = pd.read_csv(path, header=None, float_precision="round_trip")

    assert list(frame.columns) == ["composition", *STANDARDISED]
    assert len(frame) == frame["composition"].nunique() == 494
    np.testing.assert_array_equal(frame[list(STANDARDISED)], raw)
    assert (frame.loc[frame["gap_class"] == 1, "gap"] < 2.9).all()
    assert (frame.loc[frame["gap_class"] == 2, "gap"] >= 2.9).all()


def test_recovered_compositions_have_the_gaps_of_the_named_table(frame, shared_data):
    named = read_gaps(shared_data / "perovskite" / "perov_bandgaps_PBE.csv")

    both = frame.merge(named, on="composition", suffixes=("", "_named"))

    assert len(both) == 343
    np.testing.assert_allclose(both["gap"], both["gap_named"], atol=0.011)  # printed with two decimals


@pytest.mark.parametrize("column", SITE_PROPERTIES)
def test_the_affine_map_of_the_pure_ions_holds_for_every_row(frame, column):
    fractions, number = ion_fractions(frame["composition"]), SITE_PROPERTIES.index(column)
    properties = tabulated_properties(fractions)[:, number]  # those of the table of devices
    of_ions = [TABULATED[ion][number % 5] for ion in SITE_IONS[column[0]]]
    last_digit = 10.0 ** (np.floor(np.log10(np.abs(of_ions).max())) - 2)  # the table was rounded to three digits
    pure = (fractions > 0).sum(axis=1) == 3

    slope, offset = np.polyfit(frame.loc[pure, column], properties[pure], 1)

    assert slope > 0
    assert pure.sum() > 50
    assert np.abs(slope * frame[column] + offset - properties).max() < last_digit


def test_z_scores_of_known_mixtures_are_recovered():
    rng = np.random.default_rng(0)
    fractions = np.concatenate([np.eye(6), rng.multinomial(8, np.full(6, 1 / 6), 200) / 8])
    properties = fractions @ np.array([TABULATED[ion] for ion in SITE_IONS["B"]])
    three_digits = np.array([[float(f"{value:.3g}") for value in row] for row in properties])
    scores = (three_digits - three_digits.mean(axis=0)) / three_digits.std(axis=0)

    np.testing.assert_array_equal(recover_fractions(scores, "B", "mine.csv"), fractions)


def test_properties_of_no_mixture_are_named_by_their_row(path, tmp_path):
    lines = path.read_text().splitlines()
    cells = lines[4].split(",")
    cells[11] = "0.9"
    damaged = tmp_path / FILE
    damaged.write_text("\n".join([*lines[:4], ",".join(cells), *lines[5:]]))

    with pytest.raises(DataError, match=rf"^{FILE}: row 5 has properties of no known ion on the X site$"):
        read_standardised(damaged)


def test_a_bad_cell_is_named_by_its_row(path, tmp_path):
    damaged = tmp_path / FILE
    damaged.write_text("x" + path.read_text())

    with pytest.raises(DataError, match=rf"^{FILE}: row 1, column 'A_radius' is not a number: 'x"):
        read_standardised(damaged)
