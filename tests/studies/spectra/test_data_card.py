from dataclasses import replace

import numpy as np
import pytest
from small_unmixing import open_toy

from remanence.data.spectra.measurement import Scene
from remanence.data.splits import Fold
from remanence.studies.spectra.data_card import data_sections, near_training


@pytest.fixture(scope="module")
def toy():
    return open_toy()


@pytest.fixture
def scan(toy):
    """A map of 10 × 10 pixels whose last row is tested."""
    scene = Scene("map", np.arange(100), (10, 10), 2.0)
    measured = replace(toy.measured, scene=scene, clean=None, values=toy.measured.values[:100].copy())
    fold = Fold(np.arange(80), np.arange(80, 90), np.arange(90, 100))
    return replace(toy, measured=measured, as_read=measured, x=toy.x[:100], valid=toy.valid[:100], fold=fold)


def lines(data, **split):
    return {section.heading: section.lines for section in data_sections(data, split)}


def test_it_says_what_was_measured_and_where(scan):
    files, pixels, channels = lines(scan)["What is in it"]

    assert f"`{scan.source.name}` (SHA-256 " in files
    assert pixels.startswith("100 pixels, 10 × 10 of them the map `map`, 2 µm wide; 25 steps")
    assert channels.count("\n") == 2, "heading, rule and one channel"


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({"kind": "random"}, "Single pixels are drawn at random."),
        ({"kind": "blocks", "block": 6}, "Squares of 6 pixels are held out"),
        ({"kind": "all"}, "**Nothing is held out**"),
        ({}, "80 pixels to fit, 10 to choose the weights, 10 to test."),
    ],
)
def test_it_says_how_pixels_are_held_out(scan, split, said):
    assert lines(scan, **split)["How pixels are held out"][0].startswith(said)


def test_tested_pixels_beside_fitted_ones_are_counted(scan, toy):
    assert near_training(scan) == 1.0
    apart = replace(scan, fold=Fold(np.arange(70), np.arange(70, 80), np.arange(90, 100)))
    assert near_training(apart) == 0.0
    assert near_training(toy) is None, "the picture of the toy is not tested"


def test_masked_clipped_and_repeated_spectra_are_told(scan):
    values = scan.measured.values
    values[:, :2] = values.max()
    broken = replace(scan, as_read=replace(scan.as_read, values=values), valid=np.arange(100) > 2)
    broken.x[5] = broken.x[6]

    said = " ".join(lines(broken)["Known faults"])
    assert "3 of 100 pixels hold no usable spectrum and are masked." in said
    assert "are the largest one exactly: was it clipped?" in said
    assert "spectra repeat another one exactly" in said


def test_noise_is_that_of_the_simulation_or_at_most_what_neighbours_differ_by(scan):
    generator = np.random.default_rng(0)
    x = generator.normal(0, 0.3, scan.x.shape).astype(np.float32)  # the same spectrum everywhere, and noise
    (bound,) = [line for line in lines(replace(scan, x=x))["Known faults"] if "neighbouring" in line]
    assert float(bound.split(" is ")[1].split(" squared")[0]) == pytest.approx(0.09, rel=0.1)

    clean = scan.measured.values - 0.5 * scan.scaling.sd
    known = replace(scan, measured=replace(scan.measured, clean=clean))
    assert any("variance of 0.25 squared z-scores" in line for line in lines(known)["Known faults"])
