import h5py
import numpy as np
import pandas as pd
import pytest
from instruments import known, manifest

from remanence.data.spectra.line import Line
from remanence.data.spectra.raw import Raw
from remanence.studies.spectra.illustrate_scan import illustrate_line, illustrate_scan

SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}


class Kept:
    """Stands for a run: keeps what is logged."""

    def __init__(self):
        self.figures, self.tables = {}, {}

    def log_figure(self, figure, name):
        self.figures[name] = figure

    def log_parquet(self, frame, name):
        self.tables[name] = frame


@pytest.mark.parametrize(("name", "drawn"), [("be_line", "sho_profiles"), ("be_image", "sho_maps")])
def test_a_line_is_drawn_as_profiles_and_an_image_as_maps(name, drawn):
    data, run = Line(path=str(manifest.FOLDER / f"{name}.h5"), split=SPLIT).open(), Kept()

    illustrate_line(run, data, data.measured.resonances)

    assert list(run.figures) == ["band_excitation_fit", drawn]
    assert run.figures[drawn].get_axes()[0].get_ylabel().replace("\n", " ") in ("", "amplitude (10⁻³ V)")
    assert list(run.tables["resonances"]) == [
        "row",
        "column",
        "amplitude (V)",
        "phase (rad)",
        "resonance frequency (kHz)",
        "quality factor",
        "piezoresponse (V)",
        "r2",
        "bad",
    ]


@pytest.mark.parametrize(("name", "most"), [("beps_snake", "16 V"), ("be_ac_sweep", "2 A")])
def test_a_scan_is_drawn_at_the_largest_step_in_its_own_unit(name, most):
    data, run = Raw(path=str(manifest.FOLDER / f"{name}.h5"), split=SPLIT).open(), Kept()

    illustrate_scan(run, data, data.measured.resonances)

    assert list(run.figures) == ["bias_waveform", "band_excitation_fit", "sho_maps"]
    assert run.figures["sho_maps"].get_suptitle() == f"resonances at {most}; grey: bad fits"


@pytest.fixture
def trained(command, outputs):
    path = manifest.FOLDER / "be_image.h5"
    small = ("model=pca", "model.n_components=5", "baselines=none", "data.split.validation=0.1")
    result = command("train", "experiment=beps/line", f"data.path={path}", *small, "name=image")
    assert result.code == 0, result.err
    assert "loop parameters are not measured: no channel is a piezoresponse" in result.out
    return next((outputs / "runs").glob("*"))


def test_an_image_is_trained_on_mapped_and_tabulated_and_other_lines_are_predicted(trained, command, tmp_path):
    assert {"sho_maps.png", "band_excitation_fit.png"} <= {path.name for path in (trained / "figures").iterdir()}
    assert not (trained / "figures" / "bias_waveform.png").exists()
    table = pd.read_parquet(trained / "tables" / "resonances.parquet")
    assert (table["row"].max(), table["column"].max(), table["bad"].sum()) == (3, 4, 0)
    np.testing.assert_allclose(table["piezoresponse (V)"], known.SATURATION, rtol=0.02)

    for name in ("be_line", "be_image_before_beps"):
        path, output = manifest.FOLDER / f"{name}.h5", tmp_path / f"{name} latents.h5"
        result = command("predict", "run=image", f"input={path}", f"output={output}")
        assert result.code == 0, result.err
        with h5py.File(output) as file:
            assert file["embedding"].shape == (20, 5)
            np.testing.assert_allclose(file["resonances/frequency"][...], known.RESONANCE / 1e3 + 0.5, atol=0.03)
            assert file[f"{name}/resonances/amplitude/amplitude"].attrs["units"] == "V"
            np.testing.assert_allclose(file["measured"][...].max(axis=(1, 2)), 40 * known.SATURATION, rtol=0.15)
            np.testing.assert_allclose(file["reconstruction"][...], file["measured"][...], atol=2e-3)
    evaluated = command("evaluate", "run=image", f"data.path={manifest.FOLDER / 'be_line.h5'}")
    assert evaluated.code == 0, evaluated.err


def test_a_scan_with_a_bias_says_what_reads_it(trained, command, tmp_path):
    path = manifest.FOLDER / "beps_snake.h5"

    result = command("predict", "run=image", f"input={path}", f"output={tmp_path / 'latents.h5'}")

    assert result.code == 2
    assert "has a bias, of 16 spectra for each pixel: experiment=beps/raw reads its loops" in result.err
