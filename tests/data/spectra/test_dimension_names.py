import pytest
from instruments import manifest

from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.spectral_file import SpectralFile


@pytest.mark.parametrize(
    ("name", "read_by", "guesses"),
    [
        ("beps_snake", {"Frequency", "DC_Offset"}, []),
        ("beps_other_names", {"Frequency", "DC_Offset"}, ["Freq", "Bias"]),
        ("ckpfm_raw", {"Frequency", "DC_Offset", "Read_Bias"}, ["write_bias"]),
        ("nsid_loops", {"DC_Offset"}, ["Voltage"]),
        ("nsid_complex_beps", {"Frequency", "DC_Offset"}, []),
        ("nsid_odd_names", {r"$\sqrt E$"}, []),
    ],
)
def test_dimensions_are_read_by_one_name_and_guesses_are_said(name, read_by, guesses):
    main, said = standardised(SpectralFile(manifest.FOLDER / f"{name}.h5").main())

    assert {dimension.name for dimension in main.spectroscopic} == read_by
    assert [line.split("'")[1] for line in said] == guesses


def test_a_name_that_is_given_is_no_guess():
    file = SpectralFile(manifest.FOLDER / "beps_other_names.h5")
    _, said = standardised(file.main(names={"DC_Offset": "Bias", "Frequency": "Freq"}))

    assert said == ()


def test_a_name_that_a_file_has_already_needs_no_other():
    main = SpectralFile(manifest.FOLDER / "beps_snake.h5").main(names={"DC_Offset": "Bias"})

    assert {dimension.name for dimension in main.spectroscopic} == {"Frequency", "DC_Offset"}


def test_the_quantity_tells_where_the_name_does_not(tmp_path):
    import shutil

    import h5py

    shutil.copy(manifest.FOLDER / "nsid_complex_beps.h5", path := tmp_path / "scan.h5")
    with h5py.File(path, "r+") as file:
        data = file["Measurement_000/Channel_000/spectra/spectra"]
        data.dims[2].label = "U"

    main, said = standardised(SpectralFile(path).main())

    assert main.dimension("DC_Offset").size == 16
    assert said == ("'U' is taken as the bias; data.names={DC_Offset: <dimension>} chooses another",)
