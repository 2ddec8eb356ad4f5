import numpy as np
import pandas as pd

SYNTHETIC = (
    *("experiment=nested/synthetic", "data.rows=40", "data.split.folds=2", "ensemble.folds=2", "baselines=none"),
    *("figures=brief", "trainer.max_epochs=2"),
)
TREE = (
    *("model.scales.middle.parents=[]", "~model.scales.middle.join.fine"),
    *("model.scales.coarse.parents=[middle,fine]", "+model.scales.coarse.join.fine=sample"),
)


def test_one_network_for_each_fold_is_enough(finished, artifact):
    run = finished(*SYNTHETIC[:3], *SYNTHETIC[4:], "ensemble=single", "~model.scales.coarse")

    assert run.data.metrics["test/mae"] == run.data.metrics["test/middle/mae"] > 0
    held_out = pd.read_csv(artifact(run, "tables/test_predictions_middle.csv"))
    assert sorted(held_out["row"]) == list(range(40))


def test_of_a_tree_any_branch_can_be_predicted_by_itself(finished, command, tmp_path):
    run = finished(*SYNTHETIC, *TREE)
    columns = {
        scale: [f"{scale}.x{number}" for number in range(width)] for scale, width in (("fine", 8), ("middle", 5))
    }
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(3, 13)), columns=[*columns["fine"], *columns["middle"]])
    predicted = {}
    for name, wanted in {**columns, "both": list(rows)}.items():
        rows[wanted].to_csv(tmp_path / "in.csv", index=False)

        result = command("predict", f"run={run.info.run_id}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

        assert result.code == 0, result.err
        predicted[name] = pd.read_csv(tmp_path / "out.csv").drop(columns=wanted)

    ends = ("", "_low", "_high")
    assert list(predicted["fine"]) == [f"fine.y{end}" for end in ends]
    assert list(predicted["middle"]) == [f"middle.y{end}" for end in ends]
    pd.testing.assert_frame_equal(predicted["both"], pd.concat([predicted["fine"], predicted["middle"]], axis=1))
