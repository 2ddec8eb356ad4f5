import pickle

import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError

LOOPS = known.spectra(known.loops(known.bias())).reshape(20, -1)


def opened(name):
    return SpectralFile(manifest.FOLDER / f"{name}.h5")


@pytest.mark.parametrize("name", ["snake", "permuted_rows", "x_slow", "singleton_z", "real_and_imaginary"])
def test_pixels_stand_in_the_order_of_the_map_whatever_that_of_the_file(name):
    main = opened(f"beps_{name}").main()

    assert (main.format, main.grid.shape, main.grid.side) == ("h5USID", (4, 5), pytest.approx(2.0))
    assert main.dtype == np.complex64
    np.testing.assert_array_equal(main.read(), LOOPS)
    np.testing.assert_array_equal(main.read(slice(3, 12), slice(20, 50)), LOOPS[3:12, 20:50])


@pytest.mark.parametrize("name", ["snake", "permuted_rows", "x_slow"])
def test_rows_far_apart_are_read_one_by_one(name, monkeypatch):
    monkeypatch.setattr("remanence.data.spectra.h5usid.AT_ONCE", 0)

    np.testing.assert_array_equal(opened(f"beps_{name}").main().read(slice(3, 12)), LOOPS[3:12])


def test_an_incomplete_grid_is_a_map_with_holes():
    main = opened("beps_incomplete_grid").main()

    assert (main.shape, main.grid.shape) == ((20, 384), (4, 5))
    assert np.flatnonzero(main.grid.holes).tolist() == [17, 18, 19]
    assert np.isnan(main.read(slice(15, 20))[2:]).all()
    assert np.isnan(main.read(slice(18, 20))).all()
    np.testing.assert_array_equal(main.read()[:17], LOOPS[:17])


def test_values_are_those_of_the_table_where_the_bias_depends_on_the_cycle():
    main = opened("beps_quarter_first_cycle").main()
    first = main.indices("Cycle") == 0

    np.testing.assert_array_equal(main.values("DC_Offset")[first][:: known.BINS], known.bias(4.0))
    np.testing.assert_array_equal(main.values("DC_Offset")[~first][:: known.BINS], known.bias())


@pytest.mark.parametrize("name", ["labels_on_indices_only", "without_units"])
def test_labels_and_units_may_be_missing(name):
    main = opened(f"beps_{name}").main()

    assert [known.name for known in main.spectroscopic] == ["DC_Offset", "Frequency"] or main.dimension("DC_Offset")
    np.testing.assert_array_equal(main.read(), LOOPS)


def test_the_first_that_can_be_what_was_asked_is_taken():
    file = opened("be_image_before_beps")

    assert file.main().path == "/Measurement_000/Channel_000/Raw_Data"
    found = file.main(preferred=lambda main: main.dimension("DC_Offset") is not None)
    assert found.path == "/Measurement_001/Channel_000/Raw_Data"
    assert file.main(measurement="Measurement_001").path == found.path


def test_dimensions_get_the_names_and_units_that_are_given():
    main = opened("beps_other_names").main(names={"DC_Offset": "Bias"}, units={"DC_Offset": "mV", "signal": "pm"})

    assert main.dimension("DC_Offset").unit == "mV"
    assert main.units == "pm"
    assert main.dimension("Bias") is None


def test_names_the_wrong_way_round_are_one_line_that_says_so():
    with pytest.raises(
        DataError, match=r"no dimension 'DC_Offset' to be Bias; .* write data.names=\{DC_Offset: Bias\}"
    ):
        opened("beps_other_names").main(names={"Bias": "DC_Offset"})
    with pytest.raises(DataError, match=r"data\.units: it has no dimension 'Volt'; it has: "):
        opened("beps_other_names").main(units={"Volt": "V"})


@pytest.mark.parametrize("name", ["beps_snake", "nsid_loops"])
def test_a_description_can_be_pickled(name):
    main = opened(name).main()

    np.testing.assert_array_equal(pickle.loads(pickle.dumps(main)).read(), main.read())


def test_a_dataset_is_named_by_its_group_or_itself():
    file = opened("nsid_several")

    assert file.main(channel="Channel_001").path == "/Measurement_000/Channel_001/loops/loops"
    assert file.main(channel="resonance").quantity == "Resonance frequency"
    with pytest.raises(DataError, match=r"no main dataset /Measurement_.*/Channel_009"):
        file.main(channel="Channel_009")
