import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_unmixing import open_toy

from chromium import complaints
from remanence.data.source import Source
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.models.beta_vae import BetaVAE
from remanence.models.pca import PCA
from remanence.studies.spectra.explorer import FEW_WEIGHTS, MOST_BYTES, spectra_explorer
from remanence.studies.spectra.fit import embed_all, fit_spectra
from remanence.studies.spectra.staging import Stage

SMALL = {"latents": 4, "units": 6, "blocks": 2, "layers": 2, "dense": 10}
MODELS = {
    "lstm": {},
    "lstm without positions": {"positions": False, "norm": "time"},
    "gru": {"cell": "gru", "norm": "time", "blocks": 1},
    "tcn": {"cell": "tcn", "norm": "none"},
    "mlp": {"cell": "mlp", "blocks": 1},
    "turned": {"cell": "mlp", "rotate": "ica"},
    "additive": {"cell": "mlp", "decoder": "additive"},
    "additive blocks": {"decoder": "additive", "decoder_blocks": [2, 1, 1], "norm": "time"},
    "additive gru": {"cell": "gru", "decoder": "additive", "layers": 1},
    "additive tcn": {"cell": "tcn", "decoder": "additive", "norm": "none"},
    "moving": {"cell": "mlp", "shift": 1.5, "opening": 0.8},
    "moving additive": {"cell": "mlp", "shift": 1.5, "decoder": "additive"},
}
LATENTS = "return arguments[0].map(z => explorer.decoded(z).map(channel => Array.from(channel)))"


class Scan(Spectra):
    """Loops of two channels on a map of so many rows and columns; the second pixel is masked."""

    def __init__(self, *, shape=(8, 10), steps=24, mapped=True, **spectra):
        super().__init__(split={"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}, **spectra)
        self.map, self.steps, self.mapped = shape, steps, mapped

    def read(self):
        random = np.random.default_rng(0)
        number = self.map[0] * self.map[1]
        bias = 10 * np.cos(np.linspace(0, 2 * np.pi, self.steps, endpoint=False))
        shapes = np.stack([np.tanh(bias / 4), np.abs(bias) / 10])
        factors = random.normal(size=(number, 2))
        values = np.stack([1e-4 * factors[:, :1] * shapes[0], 1325 + factors @ shapes], axis=2)
        values += random.normal(scale=[1e-6, 0.05], size=values.shape)
        values[1] = np.nan
        return Measurement(
            values=values,
            axis=bias,
            axis_label="DC bias (V)",
            channels=("piezoresponse (V)", "resonance frequency (kHz)"),
            sources=(Source("loops.h5", "here", "0", "local"),),
            scene=Scene("map", np.arange(number), self.map, 2.0) if self.mapped else None,
        )


def untrained(data, **arguments):
    """Return what an untrained network makes of the spectra; its weights are larger than the first ones."""
    torch.manual_seed(0)
    model = BetaVAE(**data.shape, **{**SMALL, "patch": 4, "norm": "feature", "inference_steps": 0, **arguments})
    for weight in model.parameters():
        weight.data *= 1.5
    if "shift" in arguments:
        model.decoder.tell_axis(data.axis, np.argwhere(np.ones(data.x.shape[1:])))
    if "rotate" in arguments:
        model.turn(data.x[data.valid])
    return embed_all(model, data)


def embedded(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def opened(browser, page, folder):
    """Open a page from the disk and wait until it has compared its decoder."""
    from selenium.webdriver.support.ui import WebDriverWait

    complaints(browser)
    path = folder / "explorer.html"
    path.write_text(page, encoding="utf-8")
    browser.get(path.as_uri())
    WebDriverWait(browser, 30).until(lambda it: it.execute_script("return fidelity.textContent"))


@pytest.mark.slow
def test_at_100_random_joint_latents_the_page_draws_what_each_decoder_makes(browser, tmp_path):
    data = Scan().open()
    worst = {}
    fits = {name: untrained(data, **arguments) for name, arguments in MODELS.items()}
    fits["pca"] = fit_spectra(PCA(**data.shape, n_components=3), data)
    for layout in ("stacked", "interleaved"):
        other = Scan(layout=layout, scaling="step").open()
        fits[layout] = untrained(other)
    for name, unmixed in fits.items():
        of = other if name == "interleaved" else Scan(layout=name, scaling="step").open() if name == "stacked" else data
        page = spectra_explorer(unmixed, of)
        sliders = embedded(page)["latents"]
        opened(browser, page, tmp_path)
        low, high = ([slider[end] for slider in sliders] for end in ("low", "high"))
        z = np.zeros((100, unmixed.embedding.shape[1]), dtype=np.float32)
        z[:, [slider["place"] for slider in sliders]] = np.random.default_rng(7).uniform(low, high, (100, len(low)))

        drawn = browser.execute_script(LATENTS, z[:, [slider["place"] for slider in sliders]].tolist())

        wanted = of.physical(unmixed.model.decode(z)).transpose(0, 2, 1)  # (100, channels, steps)
        error = np.abs(np.array(drawn) - wanted).max(axis=2) / np.ptp(wanted, axis=2)
        worst[name] = float(error.max())
        assert complaints(browser) == []
        assert float(browser.execute_script("return fidelity.dataset.error")) < 0.01

    assert {name: error for name, error in worst.items() if not error < 0.01} == {}


@pytest.mark.slow
def test_a_page_of_60_x_60_x_96_paints_within_2_s_and_follows_a_slider_within_100_ms(browser, tmp_path):
    data = Scan(shape=(60, 60), steps=96).open()
    unmixed = untrained(data, latents=8, units=64, blocks=1, layers=1, dense=128, patch=16)
    stages = [(Stage(number, number, 0.1, 0.5, 5), unmixed.embedding) for number in range(12)]

    page = spectra_explorer(unmixed, data, stages)
    opened(browser, page, tmp_path)

    assert len(page) < 8e6
    paint = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
    assert browser.execute_script(paint) < 2000
    move = """
      const slider = document.querySelector("#sliders input"), took = [];
      for (const value of [slider.min, slider.max, 0]) {
        const began = performance.now();
        slider.value = value; slider.dispatchEvent(new Event("input")); document.body.offsetHeight;
        took.push(performance.now() - began);
      }
      return Math.max(...took)"""
    assert browser.execute_script(move) < 100
    assert complaints(browser) == []


LARGE = {"latents": 5, "units": 128, "blocks": 2, "layers": 2, "dense": 64, "patch": 4}


@pytest.mark.slow
def test_a_decoder_of_two_million_weights_follows_a_slider_with_and_without_webassembly(browser, tmp_path):
    data = Scan(steps=96).open()
    unmixed = untrained(data, **LARGE)
    page = spectra_explorer(unmixed, data)
    z = np.random.default_rng(7).uniform(-1, 1, (20, 5)).astype(np.float32)
    place = [slider["place"] for slider in embedded(page)["latents"]]
    wanted = data.physical(unmixed.model.decode(z)).transpose(0, 2, 1)
    for script, is_fast in ((page, True), (page.replace("new WebAssembly", "new Missing"), False)):
        opened(browser, script, tmp_path)
        assert browser.execute_script("return explorer.isFast") is is_fast

        drawn = np.array(browser.execute_script(LATENTS, z[:, place].tolist()))

        assert (np.abs(drawn - wanted).max(axis=2) / np.ptp(wanted, axis=2)).max() < 0.01
        assert float(browser.execute_script("return fidelity.dataset.error")) < 0.01
        assert complaints(browser) == []


def test_the_matrices_of_a_large_decoder_have_fourteen_bits_so_that_the_page_stays_small():
    data = Scan(steps=96).open()
    unmixed = untrained(data, **LARGE)

    page = spectra_explorer(unmixed, data)

    layers = embedded(page)["decoder"]["parts"][0]["layers"]
    assert set(layers["output"]["weight"]) == {"shape", "bits", "rows", "codes"}
    assert set(layers["output"]["bias"]) == {"shape", "low", "step", "codes"}
    weights = sum(weight.numel() for weight in unmixed.model.decoder.parameters())
    assert weights > FEW_WEIGHTS
    assert 7 / 3 * weights < len(page) < 2.5 * weights + 3e5  # what has one dimension has more bytes


def test_the_pixels_of_a_page_are_those_of_the_map():
    data = Scan().open()
    unmixed = untrained(data)

    shown = embedded(spectra_explorer(unmixed, data, [(Stage(0, 3, 0.1, 0.5, 2), unmixed.embedding)], name="mine"))

    assert shown["map"] == {"rows": 8, "columns": 10, "every": 1}
    assert shown["valid"] == [1, 0, *[1] * 78]
    assert shown["start"] == 34  # of the four in the middle the first
    assert [each["place"] for each in shown["latents"]] != []
    assert [channel["measured"]["shape"] for channel in shown["channels"]] == [[80, 24]] * 2
    assert shown["stages"][0]["name"] == "epoch 3, β = 0.1, 2 active"
    assert [quantity["name"] for quantity in shown["quantities"]] == ["error", "novelty"]
    assert shown["parts"]["of"].count(0) == len(data.fold.train)
    assert shown["facts"][:2] == ["mine", "4 latents"]


def test_masked_latents_have_neither_a_map_nor_a_slider():
    data = Scan().open()
    unmixed = untrained(data)
    unmixed.model.mask.copy_(torch.tensor([1.0, 0, 1, 0]))

    shown = embedded(spectra_explorer(unmixed, data))

    assert sorted(each["place"] for each in shown["latents"]) == [0, 2]
    assert shown["probes"]["latents"]["shape"] == [100, 2]


def test_a_scan_that_is_too_large_is_shown_by_every_second_row_and_column():
    data = Scan(shape=(128, 128), steps=64).open()
    fitted = fit_spectra(PCA(**data.shape, n_components=2), data)

    page = spectra_explorer(fitted, data)

    assert embedded(page)["map"] == {"rows": 64, "columns": 64, "every": 2}
    assert "every 2nd row and column" in page
    assert len(page) < MOST_BYTES + 4e5


def test_a_decoder_that_is_too_large_has_no_sliders_and_the_page_says_why():
    data = Scan().open()

    shown = embedded(spectra_explorer(untrained(data, units=256, blocks=2, layers=1, cell="lstm"), data))

    assert shown["decoder"]["why"].startswith("no sliders: the decoder is too large to run in a page (")
    assert "probes" not in shown


def test_spectra_without_a_map_lie_where_their_first_latents_are():
    data = Scan(mapped=False).open()

    shown = embedded(spectra_explorer(untrained(data), data))

    assert shown["map"] is None
    assert len(shown["number"]) == 79
    assert "the spectra form no map" in shown["facts"][-1]


def test_simulated_spectra_are_marked():
    data = open_toy()
    fitted = fit_spectra(PCA(**data.shape, n_components=2), data)

    assert "<h1>PCA of toy (synthetic)</h1>" in spectra_explorer(fitted, data)
    renamed = replace(data, measured=replace(data.measured, sources=(Source("own", "here", "0", "local"),)))
    assert "<h1>PCA of own (synthetic data)</h1>" in spectra_explorer(fitted, renamed)
