"""experiments/beps/number_of_latents.py: how many latents the spectra need."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "experiments" / "beps" / "number_of_latents.py"


@pytest.fixture
def script(monkeypatch):
    specified = importlib.util.spec_from_file_location("number_of_latents", SCRIPT)
    module = importlib.util.module_from_spec(specified)
    specified.loader.exec_module(module)
    plane = np.random.default_rng(0).normal(size=(400, 2)) @ np.arange(10.0).reshape(2, 5)
    opened = SimpleNamespace(x=plane[:, :, None], fold=SimpleNamespace(train=np.arange(400)))
    asked = []
    monkeypatch.setattr(module.rm, "open_data", lambda *typed: asked.append(typed) or opened)
    module.asked = asked
    return module


def test_the_dimension_is_printed_for_each_seed_and_scale(script, capsys):
    script.main(["dimension", "data.dir=here"])

    header, _, *rows = capsys.readouterr().out.splitlines()
    assert header == "| | 50 spectra | 100 spectra | 200 spectra | 400 spectra |"
    assert len(rows) == 2 * len(script.SEEDS)
    assert rows[0].startswith("| beps/toy data.seed=0 | 1.93 ± 0.18 | 1.89 ")
    assert script.asked[0] == ("beps/toy", "data.image_size=8", "data.seed=0")
    assert script.asked[-1] == ("beps/pzt", "data.dir=here", "data.split.seed=19")


def test_three_models_are_trained_with_each_number_and_drawn(script, monkeypatch, capsys, tmp_path):
    swept = []

    def sweep(experiment, search, *overrides):
        ((key, numbers),) = search.items()
        swept.append((key, overrides))
        return SimpleNamespace(trials=pd.DataFrame({key: numbers, "test/mse": [0.1 / number for number in numbers]}))

    monkeypatch.setattr(script.rm, "sweep", sweep)
    monkeypatch.setattr(script, "FIGURES", tmp_path)

    script.main(["errors", "beps/pzt", "data.dir=here", "trainer.max_epochs=60", "beta_schedule.refine_epochs=40"])

    assert [key for key, _ in swept] == ["beta_schedule.wanted", "model.latents", "model.n_components"]
    of_vae, of_plain, of_pca = (overrides for _, overrides in swept)
    assert "beta_schedule.refine_epochs=40" in of_vae
    assert not any(each.startswith("beta_schedule.refine") for each in of_plain)  # it has no β
    assert "data.dir=here" in of_pca
    assert "trainer.max_epochs=60" not in of_pca
    assert "| 5 | 0.02000 | 0.02000 | 0.02000 |" in capsys.readouterr().out
    assert (tmp_path / "number_pzt.png").is_file()


def test_anything_else_prints_how_it_is_used(script):
    with pytest.raises(SystemExit, match="errors beps"):
        script.main([])
