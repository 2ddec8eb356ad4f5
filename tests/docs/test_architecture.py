"""The recipe for a new network, as a stranger follows it in a copy of the checkout."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TEXT = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
RECIPE = TEXT.partition("## Recipe: a new network")[2].partition("\n## ")[0]
FILES = dict(re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```$", RECIPE, flags=re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", RECIPE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, block in BLOCKS if not language for line in block.splitlines()]
MAKE_FILE, ALONE, STACKED, SWEPT = COMMANDS


def test_the_recipe_is_three_files():
    written = {*FILES, shlex.split(MAKE_FILE)[-1]}

    assert written == {f"{folder}/residual.yaml" for folder in ("conf/model", "conf/sweep/piezo")} | {
        "src/remanence/models/residual.py"
    }
    assert not any((CHECKOUT / name).exists() for name in written)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the checkout in which the files were written, and a way to type a command there."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("src", "conf"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    environment |= {"PYTHONPATH": str(folder / "src"), "REMANENCE_OUTPUTS": str(folder / "outputs")}

    def run(typed):
        program, *arguments = shlex.split(typed)
        module = ["-m", "remanence"] if program == "remanence" else []
        command = [sys.executable, *module, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=folder, env=environment)

    done = run(MAKE_FILE)
    assert done.returncode == 0, done.stderr
    return folder, run


@pytest.mark.slow
def test_the_files_agree_with_each_other(copy):
    folder, run = copy

    assert (folder / "conf/model/residual.yaml").read_text().splitlines()[1:4] == [
        "_target_: remanence.models.residual.Residual",
        "width: 32             # units of every layer",
        "blocks: 2             # layers with a way around",
    ]
    assert run("python -m remanence.configuration.model_file").returncode == 0


@pytest.mark.slow
def test_the_network_trains_alone(copy):
    done = copy[1](ALONE)

    assert done.returncode == 0, done.stderr
    assert "this run" in done.stdout


@pytest.mark.slow
def test_the_network_trains_stacked(copy):
    done = copy[1](STACKED)

    assert done.returncode == 0, done.stderr
    assert "this run" in done.stdout


@pytest.mark.slow
def test_the_network_is_swept(copy):
    done = copy[1](SWEPT)

    assert done.returncode == 0, done.stderr
    assert re.search(r"piezo/single/residual-\w+: 4 ok|: 3 ok, 0 pruned, 0 failed, 1 skipped", done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.widht=3", "model.widht: unknown key; did you mean 'model.width'?"),
        ("model.width=0", "model.width: should be greater than or equal to 1, got 0"),
        ("+model.hidden=[3]", "model.hidden: unknown key; model has: width, blocks, loss, optimizer, lr, "),
    ],
)
def test_a_wrong_key_of_the_network_is_told(copy, override, message):
    done = copy[1](f"remanence train experiment=piezo/single model=residual {override}")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"remanence: error: {message}")
