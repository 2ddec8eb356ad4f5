"""A user's tables whose columns are called as those of a chain's tables are."""

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
