"""Every line that README.md and docs/ let a reader type is one of three: executed, composed, or said to be neither.

**Executed**: typed here in this process, in the order of its story, in a folder with the files that the line names,
with the settings of ``FAST`` behind it; then what the line is for is asserted by ``EFFECTS``: a training has left a
FINISHED run with the values that were typed, a sweep its trials, a prediction its file with intervals, and so on.
``--help`` or an exit code alone is no effect. **Composed** (``COMPOSED``): a training of minutes or hours, or for
devices that are not here; the whole configuration is composed and checked as ``remanence train`` does it, and holds
each value that was typed. **Neither** (``REASONS``): another test types it, or it needs a network, a cluster or a
server, and it says which. A line that is in none of the three fails the first test. Blocks of Python are executed by
``test_python_blocks.py``.
"""

import ast
import re
import shlex
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
import yaml
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from line_effects import EFFECTS
from typed_lines import ROOT, blocks, typed_lines

from remanence.configuration.arguments import quote_verbatim
from remanence.configuration.compose import compose
from remanence.studies.kinds import checked

QUICK = ("figures=brief", "trainer.max_epochs=2", "baselines=none")
FAST = {
    r"train experiment=piezo/table": (
        *QUICK, "blend=none", "ensemble.folds=2", "ensemble.repeats=1", "data.split.folds=3", "data.split.repeats=1",
    ),
    r"train -m experiment=piezo/ns model\.": (*QUICK, "ensemble=single", "data.replicates=2"),
    r"train experiment=beps/raw": (
        *QUICK, "model=beta_vae_mlp", "model.units=4", "model.dense=8", "model.latents=3", "beta_schedule=small",
        "beta_schedule.refine_epochs=1", "beta_schedule.wanted=2", "trainer.max_epochs=4",
    ),
    r"train hydra\.searchpath=\S+ data=chain": (
        *QUICK, "ensemble.folds=2", "ensemble.repeats=1", "data.split.folds=3", "data.split.repeats=1",
    ),
    r"simulate beps": ("data.rows=6", "data.cols=6"),
    r"fork=": ("trainer.max_epochs=3",),
    r"backtest=true$": ("starts=5", "measured=10", "seeds=2"),
}  # fmt: skip
"""Beginning of a line, without the program, to the settings that make it take a second."""
STORIES = {
    "table": (
        "README.md",
        "docs/tutorials/own-table.md",
        "docs/intervals.md",
        "docs/tables.md",
        "docs/compositions.md",
    ),
    "choice": ("docs/design.md",),
    "scan": ("docs/tutorials/own-scan.md",),
    "chain": ("docs/tutorials/own-chain.md",),
    "run": (
        "docs/guides/reading-a-run.md",
        "docs/guides/comparing.md",
        "docs/guides/set-up.md",
        "docs/tutorials/sweep.md",
    ),
}
"""Documents whose lines are executed together, in their order."""
COMPOSED = (
    r"train (-m )?experiment=(beps/(toy|pzt|line|loops)|nested/|spectra/own|piezo/knn)",
    r"train (-m )?experiment=piezo/ns sweep=",
    r"repeat ",
)
REASONS = {
    r"make \w+$": "a target of the Makefile, which CI runs",
    r"conf/|src/remanence|[\w./]+/( |$)|\w+\.py |mylab/|data/images\.yaml|__\w+__\.py": "shows files",
    r"python -m build|python3\.11 -m venv|elsewhere/bin/": "needs a network",
    r"python -m remanence\.configuration\.model_file|remanence train .*residual": "docs/test_architecture.py types it",
    r"(remanence|python|export) .*(images|run=first|compare scan)": "docs/test_documents.py types the recipe",
    r"export (REMANENCE_STORAGE|MLFLOW_TRACKING_URI)=": "needs servers: sweeps/test_machines.py",
    r"remanence train .*figure_format=": "docs/test_figures.py types both, with the sheet of the page",
    r"remanence train .*model=mynet": "configuration/test_out_of_tree.py trains a network beside the package",
    r"remanence (bundle|reproduce|export) ": "verbs/test_reproduce.py, verbs/test_bundle.py and verbs/test_export.py",
    r"remanence train .*trainer\.profile=true": "tracking/test_profile.py",
    r"remanence compare before after": "verbs/test_two_runs.py",
    r"remanence ui$": "a server that stays: verbs/test_ui.py",
    r"remanence (predict|design) .*(new_compositions\.csv|binding_energy)": "a run of hours on published tables: "
    "studies/chain/test_apply.py and studies/design/test_chain_search.py, on small ones",
    r"data\.abbreviations=": "a part of the command above it, which docs/test_compositions.py composes",
    r"sbatch ": "needs a cluster; the command inside it is composed",
    r"python experiments/": "an hour; tests/experiments has its parts",
}
LINES = typed_lines()


def typed(line):
    """Return a line as it was typed, without its comment and the program's name."""
    return " ".join(line.words[1:]) if line.words[0] == "remanence" else " ".join(line.words)


def reason(line):
    return next((why for pattern, why in REASONS.items() if re.match(pattern, " ".join(line.words))), None)


def is_composed(line):
    return line.words[0] == "remanence" and any(re.match(pattern, typed(line)) for pattern in COMPOSED)


def story(name):
    """Return the lines of a story that are executed."""
    return [
        line
        for document in STORIES[name]
        for line in LINES
        if line.document == document and line.words[0] == "remanence" and not is_composed(line) and not reason(line)
    ]


def test_every_line_is_executed_composed_or_says_why_not():
    executed = {line for name in STORIES for line in story(name)}
    left = [line for line in LINES if line not in executed and not is_composed(line) and reason(line) is None]

    assert left == []
    assert len(executed) >= 35


@pytest.mark.parametrize("pattern", [*REASONS, *COMPOSED])
def test_no_reason_outlives_its_line(pattern):
    assert any(re.match(pattern, " ".join(line.words)) or re.match(pattern, typed(line)) for line in LINES)


def test_targets_and_scripts_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for line in LINES:
        if line.words[0] == "make":
            assert re.search(rf"^{line.words[1]}:", makefile, re.MULTILINE)
        if re.match(r"python experiments/", " ".join(line.words)):
            ast.parse((ROOT / line.words[1]).read_text(encoding="utf-8"))


def first_values(words):
    """Return overrides with the first value of each that is searched."""
    found = []
    for word in words:
        (override,) = OverridesParser.create().parse_overrides(quote_verbatim([word]))
        if override.is_sweep_override():
            value = getattr(override.value(), "start", None)
            first = value if value is not None else next(iter(override.sweep_iterator()))
            word = f"{override.get_key_element()}={first}"
        found.append(word)
    return found


def composed_words(line):
    words = shlex.split(line.words[-1])[1:] if line.words[0] == "sbatch" else line.words
    given = [word for word in words[2:] if word != "-m" and not word.startswith("seeds=")]
    return first_values(given)


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if is_composed(line) or line.words[0] == "sbatch"],
    ids=lambda line: typed(line)[:60],
)
def test_a_line_of_hours_is_a_whole_configuration_with_the_values_that_were_typed(line, outputs):
    words = composed_words(line)

    cfg = checked(compose(quote_verbatim(words)))

    chosen = HydraConfig.get().runtime.choices
    for word in words:
        key, _, value = word.partition("=")
        if key in chosen:
            assert chosen[key] == value
        elif not key.startswith("hydra."):
            found = cfg.plain
            for part in key.lstrip("+").split("."):
                found = found[part]
            assert found == yaml.safe_load(re.sub(r"^(\d+)e", r"\1.0e", value))


def run_table(name, rows=40, **columns):
    """Write a table of ceramics into the working directory."""
    random = np.random.default_rng(0)
    x, slope = random.uniform(0, 0.25, rows), random.uniform(25, 45, rows)
    values = {
        "x": x, "lph_slope": slope, "T_sint": random.choice([1100, 1140, 1180], rows),
        "dwell time": random.choice([2, 4], rows), "Process": random.choice(["NS", "QS"], rows),
        "Component": [f"{1 - share:.3f}Na0.5Bi0.5TiO3-{share:.3f}BaTiO3" for share in x],
        "d33": 150 + 300 * x + slope + random.normal(0, 2, rows),
        "tan_delta": 0.02 + 0.1 * x + random.normal(0, 0.002, rows),
        **columns,
    }  # fmt: skip
    frame = pd.DataFrame(values)
    frame.to_excel(name, index=False) if name.endswith(".xlsx") else frame.to_csv(name, index=False)


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A working directory with the files that the documents name."""
    monkeypatch.chdir(tmp_path)
    for name in ("mine.csv", "mine.xlsx", "formulas.csv", "other.csv"):
        run_table(name)
    run_table("more.csv", rows=42)
    run_table("new.csv", rows=6)
    pd.read_csv("new.csv").drop(columns=["d33", "tan_delta"]).to_csv("new.csv", index=False)
    run_table("powders.xlsx", rows=8, price=np.arange(1.0, 9.0))
    shutil.copy(ROOT / "tests/data/instruments/igor_volume.ibw", "scan.ibw")
    pd.DataFrame({"radius": np.arange(30.0) % 7, "charge": np.arange(30.0) % 3, "gap": np.arange(30.0) % 5}).to_csv(
        "atoms.csv", index=False
    )
    pd.read_csv("atoms.csv").drop(columns="gap").assign(layer=["a", "b", "c"] * 10, efficiency=np.arange(30.0)).to_csv(
        "devices.csv", index=False
    )
    return tmp_path


@pytest.fixture
def type_line(command, all_runs, client, there):
    """Type a line with the settings of FAST, assert what it is for, and return what it printed."""

    def type_(line, **ids):
        words = [re.sub(r"<id>|<sweep>", ids.get("run", ""), word) for word in line.words[1:]]
        fast = next((more for pattern, more in FAST.items() if re.search(pattern, " ".join(words))), ())
        before = {run.info.run_id for run in all_runs()}
        result = command(*words, *fast)
        assert result.code == 0, f"{line.document}: {line.text}: {result.err}"
        new = [run for run in all_runs() if run.info.run_id not in before]
        EFFECTS[words[0]](words, result, new, client)
        return result, new

    return type_


def test_a_table_goes_from_its_description_to_the_next_experiments(type_line):
    for line in story("table"):
        type_line(line)

    assert len(pd.read_csv("next.csv")) == 5


def test_experiments_are_designed_and_suggested(type_line, command, all_runs):
    table = ("train", "experiment=piezo/table", *FAST[r"train experiment=piezo/table"])
    asked = {
        "sintered": ("data.path=mine.csv", "data.target=[d33,tan_delta]", "data.features=[x,T_sint,Process]"),
        "formulas": (
            "data.path=formulas.csv", "data.target=d33", "data.composition=Component", "data.features=[T_sint,Process]",
        ),
    }  # fmt: skip
    for name, given in asked.items():
        result = command(*table, *given, f"name={name}")
        assert result.code == 0, result.err
    for line in story("choice"):
        if "pending=" in line.text:
            pd.DataFrame({"Component": ["NBT"], "T_sint": [1100], "Process": ["NS"]}).to_csv("next.csv", index=False)
        type_line(line, run="formulas" if "BaTiO3" in line.text else "sintered")


def test_a_scan_is_simulated_trained_on_predicted_and_watched(type_line):
    for line in story("scan"):
        type_line(line)


def test_a_chain_of_ones_own_is_trained(type_line, there):
    (code,) = [code for document, code in blocks("yaml") if document.endswith("own-chain.md")]
    (there / "mylab/conf/model").mkdir(parents=True)
    (there / "mylab/conf/model/mychain.yaml").write_text(code, encoding="utf-8")

    (line,) = story("chain")
    _, (run,) = type_line(line)

    assert {"test/atoms/mae", "test/device/mae"} <= set(run.data.metrics)


def test_a_run_is_stopped_resumed_compared_deleted_and_restored(type_line, stop, client):
    _, stopped = stop(signal.SIGINT)
    assert stopped.info.status == "KILLED"
    sweep = ""
    lines = sorted(story("run"), key=lambda line: "resume=" not in line.text)
    for line in sorted(lines, key=lambda line: "<sweep>" in line.text):
        if "restore" in line.text:
            client.delete_experiment(client.get_experiment_by_name("piezo").experiment_id)
        _, new = type_line(line, run=sweep if "<sweep>" in line.text else stopped.info.run_id)
        sweep = next((run.info.run_id for run in new if run.data.tags.get("remanence.kind") == "sweep"), sweep)
