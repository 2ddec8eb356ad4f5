"""A user's tables whose columns are called as those of a chain's tables are."""

import json
import re

import pandas as pd
from small_mixtures import OWN_SCALES, SHORT, own_gaps, own_mixes


def test_a_column_called_as_a_latent_stays(command, all_runs, folder, tmp_path):
    own = {"z0": 7.5, "row": "a", "band_gap": "unknown", "energy_predicted": 1.5, "fold": "b"}
    own_gaps().to_csv(tmp_path / "gaps.csv", index=False)
    own_mixes().assign(**own).to_csv(tmp_path / "mixes.csv", index=False)
    gaps = f"gaps: {{path: {tmp_path}/gaps.csv, composition: composition}}"
    mixes = f"mixes: {{path: {tmp_path}/mixes.csv, composition: composition, categorical: [additive]}}"

    result = command("train", *SHORT, "data=chain", "model=nested_ae", f"data.tables={{{gaps}, {mixes}}}",
                     f"model.scales={' '.join(OWN_SCALES.split())}", "trainer.max_epochs=1",
                     "baselines=none")  # fmt: skip

    assert result.code == 0, result.err
    tables = folder(all_runs()[0]) / "tables"
    latents, rows = pd.read_parquet(tables / "latents_mix.parquet"), pd.read_csv(tables / "test_predictions_mix.csv")
    assert set(latents["z0"].astype(float)) == {7.5}
    assert latents["z0_2"].nunique() > 1
    assert {name: set(rows[name]) for name in own} == {name: {value} for name, value in own.items()}
    assert {"row_2", "energy_predicted_2"} <= set(rows)
    page = (folder(all_runs()[0]) / "figures" / "explorer.html").read_text(encoding="utf-8")
    finer, coarser = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])["scales"]
    assert (finer["name"], coarser["name"]) == ("ions", "mix")
    assert {text["name"]: set(text["values"]) for text in coarser["texts"]}["z0"] == {"7.5"}
    assert len(coarser["rows"]["name"]) == coarser["x"]["shape"][0] == len(rows)
    assert {"energy", "predicted energy", "error of energy"} <= {each["label"] for each in coarser["colours"]}
