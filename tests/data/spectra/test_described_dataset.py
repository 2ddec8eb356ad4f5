import numpy as np
import pytest
from instruments.manifest import FOLDER

from remanence.data.spectra.described_dataset import DescribedDataset
from remanence.data.spectra.spectral_file import SpectralFile


def described(name):
    file = SpectralFile(FOLDER / f"{name}.h5")
    return DescribedDataset(file.describe(file.main_datasets[0]))


@pytest.mark.parametrize(
    ("name", "number"), [("beps_snake", 1), ("beps_two_cycles_both_fields", 4), ("forc_without_a_dimension", 4)]
)
def test_all_loops_of_a_pixel_are_found(name, number):
    assert len(described(name).loops.points) == number


def test_the_bias_of_every_cycle_is_in_the_range():
    (line,) = [line for line in described("beps_quarter_first_cycle").lines if "DC_Offset" in line]

    assert "-16 to 16 V" in line


def test_a_bias_that_only_rises_is_no_loop():
    iv = described("nsid_iv_map")

    assert np.ptp(iv.main.values("DC_Offset")) == 4
    assert iv.looks_like == ("spectra along Bias", "spectra/own")
