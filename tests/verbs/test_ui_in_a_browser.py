import json
from urllib.parse import quote

import pytest
from served_ui import running
from small_mixtures import OWN_SCALES, SHORT, own_gaps, own_mixes

from chromium import complaints

PATIENCE = 60.0
SPECTRA = (
    *("experiment=beps/toy", "model=beta_vae_mlp", "beta_schedule=small", "beta_schedule.refine_epochs=2"),
    *("data.colours=40", "data.validation=20", "data.gamut=20", "data.image_size=12", "trainer.max_epochs=4"),
    *("model.latents=3", "model.units=3", "model.dense=6", "baselines=none", "figures=brief"),
)
TABLE = (
    *("experiment=piezo/single", "data.replicates=4", "ensemble=single", "trainer.max_epochs=2", "baselines=none"),
    "figures=full",
)
SWEEP = (*TABLE[:-1], "figures=brief", "model.lr=0.01,0.001")
CHAIN = (*SHORT, "data=chain", "model=nested_ae", "trainer.max_epochs=2", "baselines=none")


class Visitor:
    """Somebody who looks at runs in MLflow's pages, and keeps a picture of each."""

    def __init__(self, browser, port, folder):
        self.browser, self.base, self.folder = browser, f"http://127.0.0.1:{port}/#", folder
        folder.mkdir()
        complaints(browser)

    def wait(self, condition):
        from selenium.common.exceptions import JavascriptException, WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        ignored = (WebDriverException, JavascriptException)  # MLflow draws its page again and again while it loads
        return WebDriverWait(self.browser, PATIENCE, poll_frequency=0.1, ignored_exceptions=ignored).until(condition)

    def open(self, address, *texts):
        """Open a page, and wait until it shows all of the texts."""
        self.browser.switch_to.default_content()
        self.browser.get("about:blank")  # otherwise only what is behind # would change, beside what was there
        self.browser.get(self.base + address)
        for text in texts:
            self.wait(lambda it, text=text: text in it.execute_script("return document.body.innerText"))

    def open_html(self, run, name, ready):
        """Open a page of ours in the artifact view, and wait inside its frame until an expression is true."""
        self.open(f"/experiments/{run.info.experiment_id}/runs/{run.info.run_id}/artifacts/{name}")

        def inside(it):
            it.switch_to.default_content()
            it.switch_to.frame(it.find_element("css selector", "iframe"))
            return it.execute_script(f"return {ready}")

        self.wait(inside)

    def leave(self, name):
        """Keep a picture, and see that no page of ours has complained."""
        self.browser.save_screenshot(str(self.folder / f"{name}.png"))
        assert complaints(self.browser) == []

    def text(self, selector):
        return self.browser.execute_script(f"return document.querySelector('{selector}').textContent")

    def drawn(self, series):
        """Return the path of a curve."""
        return self.browser.execute_script(f"return document.querySelector('[data-series={series}]').getAttribute('d')")

    def press(self, selector, *keys):
        self.browser.find_element("css selector", selector).send_keys(*keys)

    def click(self, selector, x=0, y=0):
        from selenium.webdriver import ActionChains

        there = self.browser.find_element("css selector", selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", there)
        ActionChains(self.browser).move_to_element_with_offset(there, x, y).click().perform()


def look_at_spectra(visitor, run):
    from selenium.webdriver.common.keys import Keys

    visitor.open_html(run, "figures/explorer.html", "document.querySelector('#fidelity').textContent")
    assert "the decoder runs in this page" in visitor.text("#fidelity")
    before, measured = visitor.text("#where"), visitor.drawn("measured")
    visitor.click(".map", 30, 20)
    assert visitor.text("#where") != before
    assert visitor.drawn("measured") != measured
    assert visitor.drawn("decoded") == ""  # the sliders stand at the pixel, where the reconstruction is
    visitor.press("#sliders input", *[Keys.ARROW_RIGHT] * 5)
    first = visitor.drawn("decoded")
    assert first.startswith("M")
    visitor.press("#sliders input", *[Keys.ARROW_RIGHT] * 40)
    assert visitor.drawn("decoded") != first
    visitor.press(".map", Keys.SHIFT, Keys.ARROW_DOWN)
    assert "region" in visitor.text("#where")
    visitor.leave("spectra")


def look_at_a_table(visitor, run):
    from selenium.webdriver.common.keys import Keys

    visitor.open_html(run, "figures/explorer.html", "document.querySelectorAll('.dot').length")
    before = visitor.text("#where")
    visitor.press("#sample", Keys.ARROW_DOWN)
    assert visitor.text("#where") != before
    curves = "return [...document.querySelectorAll('[data-series=predicted]')].map(curve => curve.getAttribute('d'))"
    about, (along_x, along_slope) = visitor.text("#about"), visitor.browser.execute_script(curves)
    visitor.press("[data-input=x]", *[Keys.ARROW_RIGHT] * 3, *[Keys.ARROW_LEFT] * 9)
    assert visitor.text("#about") != about
    assert visitor.browser.execute_script(curves)[0] == along_x
    assert visitor.browser.execute_script(curves)[1] != along_slope
    visitor.click(".dot:last-of-type")
    assert visitor.text("#tip").startswith("sample")
    visitor.leave("table")


def look_at_a_chain(visitor, run):
    from selenium.webdriver.common.keys import Keys

    visitor.open_html(run, "figures/explorer.html", "document.querySelectorAll('.dot').length")
    colours = "return [...document.querySelectorAll('.dot')].map(dot => dot.getAttribute('fill')).join()"
    before, whom = visitor.browser.execute_script(colours), visitor.text("#where")
    visitor.press("#colour", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert visitor.browser.execute_script(colours) != before
    visitor.press("#sample", Keys.ARROW_DOWN)
    assert visitor.text("#where") != whom
    visitor.press("#scale", Keys.ARROW_UP)
    assert visitor.text("#predictions tbody td") == "gap (eV)"
    visitor.leave("chain")


@pytest.mark.slow
def test_a_sweep_its_runs_their_figures_and_their_explorers_open_in_a_browser(
    browser, command, all_runs, nobody, monkeypatch, tmp_path
):
    monkeypatch.setattr("remanence.studies.chain.interpret.interpret", lambda *given: None)  # minutes of Shapley values
    own_gaps().to_csv(tmp_path / "gaps.csv", index=False)
    own_mixes().to_csv(tmp_path / "mixes.csv", index=False)
    gaps = f"gaps: {{path: {tmp_path}/gaps.csv, composition: composition, units: {{gap: eV}}}}"
    mixes = f"mixes: {{path: {tmp_path}/mixes.csv, composition: composition, categorical: [additive]}}"
    chain = (*CHAIN, f"data.tables={{{gaps}, {mixes}}}", f"model.scales={' '.join(OWN_SCALES.split())}", "name=own")
    for arguments in (SPECTRA, TABLE, chain, ("-m", *SWEEP)):
        result = command("train", *arguments)
        assert result.code == 0, result.err
    runs = all_runs()
    (parent,) = [run for run in runs if run.data.tags.get("remanence.kind") == "sweep"]
    trials = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    spectra, table, own = (
        next(run for run in runs if run not in trials and run.data.params.get("data._target_", "").endswith(ending))
        for ending in ("Toy", "NBBT", "Chain")
    )
    port = int(nobody.rpartition(":")[2])
    with running(port):
        visitor = Visitor(browser, port, tmp_path / "screenshots")
        at = f"/experiments/{parent.info.experiment_id}"
        visitor.open(f"{at}/runs", parent.info.run_name)
        visitor.leave("experiment")
        visitor.open(f"{at}/runs/{parent.info.run_id}", *(run.info.run_name for run in trials))
        visitor.leave("sweep")
        visitor.open(f"{at}/runs/{trials[0].info.run_id}", trials[0].info.run_name, "Finished")
        visitor.leave("child")
        both = quote(json.dumps([run.info.run_id for run in trials]))
        experiments = quote(json.dumps([str(parent.info.experiment_id)]))
        visitor.open(f"/compare-runs?runs={both}&experiments={experiments}", "Comparing 2 Runs")
        visitor.leave("compared")
        visitor.open(f"{at}/runs/{table.info.run_id}/artifacts/figures/loss_curves.png", "loss_curves.png")
        visitor.wait(lambda it: any(each.size["width"] > 200 for each in it.find_elements("css selector", "img")))
        visitor.leave("figure")
        visitor.open_html(parent, "figures/sweep.html", "document.querySelectorAll('svg').length")
        visitor.leave("sweep_figure")
        look_at_spectra(visitor, spectra)
        look_at_a_table(visitor, table)
        look_at_a_chain(visitor, own)
    assert len(list(visitor.folder.iterdir())) == 9
