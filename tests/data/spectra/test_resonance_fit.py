import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.resonance_fit import check_device, example_of, fit_chunks, phase_sign, sense_of, told
from remanence.errors import ConfigurationError


def fitted(name, conjugate=False):
    scan = BandExcitation(manifest.FOLDER / f"{name}.h5")
    (chunk,) = fit_chunks(scan, minimum_r2=0.5, conjugate=conjugate)
    return chunk


@pytest.mark.parametrize("opposite", [False, True])
def test_either_sense_of_the_phase_gives_the_resonances_that_were_written(opposite):
    pixels, fits, sums = fitted("beps_opposite_phase" if opposite else "beps_snake", conjugate=opposite)

    assert pixels == slice(0, 20)
    strong = np.abs(known.loops(known.bias())) > 0.5 * known.SATURATION[:, None]
    off = fits["frequency"] - known.resonances(known.loops(known.bias())) / 1e3
    assert np.abs(off[strong]).max() < 0.1
    assert float(sums.rotation) == pytest.approx(-known.PHASE, abs=0.02)


def test_the_sense_is_found_from_spectra_of_the_scan_and_told():
    senses = [sense_of(BandExcitation(manifest.FOLDER / f"beps_{name}.h5")) for name in ("snake", "opposite_phase")]

    assert [phase_sign(sense.conjugate) for sense in senses] == [1, -1]
    assert told(senses[0]).startswith("phase sense of the spectra: as they are (median R²")
    assert "opposite: the complex conjugates are fitted" in told(senses[1])


def test_the_example_is_the_good_fit_of_median_r2():
    fits = {"r2": np.array([[0.1, 0.7], [0.9, 0.8]]), "bad": np.array([[True, False], [False, False]])}

    assert example_of(fits) == (1, 1)


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    check_device("cpu")
    with pytest.raises(ConfigurationError, match=r"data\.device: there is no 'cuda:1' on this machine"):
        check_device("cuda:1")
