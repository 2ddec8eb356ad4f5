"""What the README says about Python, run as it stands but for how long it trains."""

import re
from pathlib import Path

import remanence as rm

README = Path(__file__).parents[2] / "README.md"
FASTER = {
    '"trainer.max_epochs=50"': '"trainer.max_epochs=2", "figures=brief", "ensemble.folds=2", "ensemble.repeats=1"',
    '"baselines=none"': '"baselines=none", "data.split.seed=0"',
    "n_jobs=2": '"baselines=none", n_jobs=1',
}


def test_the_lines_about_python_do_what_they_say(outputs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"### From Python\n\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL).group(1)
    for slow, fast in FASTER.items():
        assert slow in code
        code = code.replace(slow, fast)
    rm.open_data("piezo/ns").frame.to_csv("other.csv", index=False)
    names: dict = {}

    exec(code, names)

    run, search = names["run"], names["search"]
    assert run.status == search.best.status == "FINISHED"
    assert {"d33", "d33_low", "d33_high"} <= set(run.predict(names["data"].frame))
    assert run.table("test_predictions").attrs["units"]["d33"] == "pC/N"
    assert len(rm.runs("piezo")) == 3
    assert "test_predictions" in run.tables
    assert {"trials", "runs"} <= set(search.run.tables)
    assert search.run.table("trials")["outcome"].tolist() == ["ok", "ok"]
