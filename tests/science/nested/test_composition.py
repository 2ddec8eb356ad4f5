import numpy as np
import pytest

from remanence.errors import DataError
from remanence.science.nested.composition import format_composition, ion_fractions, parse_composition
from remanence.science.nested.ions import IONS, SITE_IONS


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("MAPbI3", {"MA": 1, "Pb": 1, "I": 1}),
        ("MAGeCl_3", {"MA": 1, "Ge": 1, "Cl": 1}),
        ("CsBaI_2.25_Cl_0.75", {"Cs": 1, "Ba": 1, "I": 0.75, "Cl": 0.25}),
        ("CsPb0.5Sn0.5I3", {"Cs": 1, "Pb": 0.5, "Sn": 0.5, "I": 1}),
        ("CsSn_0.75Ge_0.25Br_3", {"Cs": 1, "Sn": 0.75, "Ge": 0.25, "Br": 1}),
        ("FA(Pb0.5Sn0.5)I3", {"FA": 1, "Pb": 0.5, "Sn": 0.5, "I": 1}),
        ("(MA0.5FA0.5)PbI3", {"MA": 0.5, "FA": 0.5, "Pb": 1, "I": 1}),
        (
            "Cs0.05(MA0.17FA0.83)0.95Pb(I0.83Br0.17)3",
            {"Cs": 0.05, "MA": 0.1615, "FA": 0.7885, "Pb": 1, "I": 0.83, "Br": 0.17},
        ),
        ("KSrI3", {"K": 1, "Sr": 1, "I": 1}),
        ("RbCaBrI2", {"Rb": 1, "Ca": 1, "Br": 1 / 3, "I": 2 / 3}),
        ("  FA Pb Br .5 I 2.5 ", {"FA": 1, "Pb": 1, "Br": 1 / 6, "I": 5 / 6}),
        ("MA0.5MA0.5PbI3", {"MA": 1, "Pb": 1, "I": 1}),
        ("Cs0FAPbI3", {"FA": 1, "Pb": 1, "I": 1}),
    ],
)
def test_a_formula_becomes_fractions_on_its_sites(formula, expected):
    assert parse_composition(formula) == pytest.approx(expected, abs=1e-12)


def test_rounded_amounts_are_normalised():
    fractions = parse_composition("Cs0.33FA0.33MA0.33Pb0.99I3.03")

    assert fractions == pytest.approx({"Cs": 1 / 3, "MA": 1 / 3, "FA": 1 / 3, "Pb": 1, "I": 1})


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("MAPbF3", "unknown ion 'F'; known: A K, Rb, Cs, MA, FA; B Ca, Sr, Ba, Ge, Sn, Pb; X Cl, Br, I"),
        ("PEAPbI3", "unknown ion 'PEA'; known: A K, Rb"),
        ("CsInI3", "unknown ion 'In'; known: A K"),
        ("mapbi3", "cannot read 'mapbi3'"),
        ("MAPbI3-xClx", "cannot read '-xClx'"),
        ("MAI3", "no ion on the B site; known: Ca, Sr, Ba, Ge, Sn, Pb"),
        ("PbI3", "no ion on the A site; known: K, Rb, Cs, MA, FA"),
        ("MAPb", "no ion on the X site; known: Cl, Br, I"),
        ("MAPbI0", "no ion on the X site; known: Cl, Br, I"),
        ("", "no ion on the A site; known: K, Rb, Cs, MA, FA"),
        ("MAPbI2", "the X site (Cl, Br, I) sums to 2; expected 3"),
        ("Cs0.5FA0.4PbI3", "the A site (K, Rb, Cs, MA, FA) sums to 0.9; expected 1"),
        ("Cs2Pb2I6", "the A site (K, Rb, Cs, MA, FA) sums to 2; expected 1"),
        ("(MA0.5FA0.5PbI3", "a bracket is not closed"),
        ("MAPbI3)", "a bracket closes that was not opened"),
    ],
)
def test_what_is_no_perovskite_is_one_line_with_the_formula(formula, reason):
    with pytest.raises(DataError) as caught:
        parse_composition(formula)

    message = str(caught.value)
    assert message.startswith(f"composition {formula!r}: {reason}")
    assert len(message.splitlines()) == 1


def test_fractions_are_columns_in_the_order_of_the_ions():
    fractions = ion_fractions(["CsPbBr3", "FAPb0.5Sn0.5I3", "CsPbBr3"])

    assert fractions.shape == (3, len(IONS)) == (3, 14)
    assert {ion: fractions[1, IONS.index(ion)] for ion in ("FA", "Pb", "Sn", "I")} == {
        "FA": 1,
        "Pb": 0.5,
        "Sn": 0.5,
        "I": 1,
    }
    np.testing.assert_array_equal(fractions[0], fractions[2])
    assert ion_fractions([]).shape == (0, 14)


@pytest.mark.parametrize(
    "formula",
    [
        "Cs0.05FA0.79MA0.16PbBr0.51I2.49",
        "FA0.6MA0.4Pb0.4Sn0.6Br0.18I2.82",
        "Cs0.01FA0.94Rb0.05PbI3",
        "MAGeCl3",
        "CsPbBrI2",
        "Cs0.05FA0.7885MA0.1615PbBr0.34I2.66",
        "K0.125Rb0.875Ba0.5Ca0.5Br0.375Cl2.625",
    ],
)
def test_the_canonical_formula_is_that_of_the_device_table(formula):
    assert format_composition(ion_fractions([formula])[0]) == formula


def test_any_composition_survives_the_round_trip():
    rng = np.random.default_rng(0)
    fractions = np.concatenate([rng.dirichlet(np.full(len(ions), 0.5), 200) for ions in SITE_IONS.values()], axis=1)

    back = ion_fractions([format_composition(row) for row in fractions])

    np.testing.assert_allclose(back, fractions, atol=2e-4)  # four decimals, normalised again


@pytest.mark.parametrize("shape", [(13,), (1, 14)])
def test_only_one_fraction_per_ion_is_formatted(shape):
    with pytest.raises(ValueError, match=r"shape \(14,\)"):
        format_composition(np.zeros(shape))
