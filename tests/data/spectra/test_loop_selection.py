import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.loop_selection import Selection, select_loops
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError


def main(name):
    file = SpectralFile(manifest.FOLDER / f"{name}.h5")
    return standardised(file.main(preferred=lambda main: len(main.spectroscopic) > 1))[0]


def bias_of(name, **chosen):
    found = main(name)
    loops = select_loops(found, Selection(**chosen))
    return found.values(loops.axis)[loops.points[..., 0]], loops


@pytest.mark.parametrize("name", ["forc_resetting", "forc_never_resetting", "forc_without_a_dimension"])
@pytest.mark.parametrize("forc", [0, 2, -1])
def test_a_forc_loop_is_found_however_it_is_indexed(name, forc):
    bias, loops = bias_of(name, forc=forc)

    np.testing.assert_array_equal(bias, [known.bias([4.0, 8.0, 12.0, 16.0][forc])])
    assert loops.names == ("",)
    assert loops.said[-1] == f"4 FORC loops, of which number {forc % 4} is read; data.forc chooses"


@pytest.mark.parametrize("name", ["forc_resetting", "forc_never_resetting", "forc_without_a_dimension"])
def test_all_forc_loops_are_kept(name):
    bias, loops = bias_of(name, forc="all")

    np.testing.assert_array_equal(bias, [known.bias(height) for height in (4.0, 8.0, 12.0, 16.0)])
    assert loops.names == ("FORC 0", "FORC 1", "FORC 2", "FORC 3")


@pytest.mark.parametrize(("cycle", "height"), [(0, 4.0), (1, 16.0), (-1, 16.0), (-2, 4.0)])
def test_the_bias_is_that_of_the_cycle(cycle, height):
    bias, _ = bias_of("beps_quarter_first_cycle", cycle=cycle)

    np.testing.assert_array_equal(bias, [known.bias(height)])


@pytest.mark.parametrize("name", ["beps_bias_held", "beps_bias_held_index_counts"])
def test_a_step_is_a_place_in_time(name):
    bias, _ = bias_of(name)

    np.testing.assert_array_equal(bias, [np.repeat(known.bias(steps=8), 3)])


@pytest.mark.parametrize("name", ["beps_two_cycles_both_fields", "beps_fast_column_first"])
def test_fields_are_kept_side_by_side(name):
    bias, loops = bias_of(name, field="both")

    np.testing.assert_array_equal(bias, [known.bias()] * 2)
    assert loops.names == ("off field", "on field")
    single = [bias_of(name, field=field)[1].points[0] for field in ("off", "on")]
    np.testing.assert_array_equal(loops.points, single)


def test_fields_and_cycles_are_all_kept_in_order():
    _, loops = bias_of("beps_two_cycles_both_fields", field="both", cycle="all")

    assert loops.names == tuple(f"cycle {cycle}, {field} field" for cycle in (0, 1) for field in ("off", "on"))
    assert np.unique(loops.points).size == loops.points.size == main("beps_two_cycles_both_fields").shape[1]


def test_every_read_step_has_its_loop():
    bias, loops = bias_of("ckpfm_raw")

    assert loops.names == ("read -1 V", "read 0 V", "read 1 V")
    np.testing.assert_array_equal(bias, [known.bias()] * 3)
    chosen, one = bias_of("ckpfm_raw", read=1)
    np.testing.assert_array_equal(chosen, [known.bias()])
    np.testing.assert_array_equal(one.points[0], loops.points[1])


def test_relaxation_after_each_step_has_a_loop_for_each_delay():
    bias, loops = bias_of("be_relaxation")

    assert loops.names == ("Time 0 s", "Time 0.1 s", "Time 0.2 s", "Time 0.3 s")
    np.testing.assert_array_equal(bias, [known.bias()] * 4)


def test_without_a_bias_the_amplitude_of_the_drive_is_the_axis():
    axis, loops = bias_of("be_ac_sweep")

    assert loops.axis == "AC_Amplitude"
    np.testing.assert_array_equal(axis, [np.concatenate([np.arange(1, 9), np.arange(8, 0, -1)]) / 4])


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"forc": 1}, "FORC 1 is not there; it has 1"),
        ({"read": 1}, "read step 1 is not there; it has 1"),
        ({"cycle": 2}, "cycle 2 is not there; it has 2"),
    ],
)
def test_what_was_not_measured_is_one_line(chosen, reason):
    with pytest.raises(DataError, match=reason):
        bias_of("beps_two_cycles_both_fields", **chosen)


def test_both_fields_of_a_scan_of_one_are_one_line():
    with pytest.raises(DataError, match=r"data\.field=both: only field 'off' is there"):
        bias_of("beps_snake", field="both")
