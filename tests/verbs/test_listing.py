import subprocess
import sys

import pytest

from remanence.configuration.folder import conf_folder
from remanence.configuration.offers import offers


def test_without_a_word_the_groups_are_counted(command):
    result = command("list")

    assert result.code == 0
    for offer in offers([conf_folder()]):
        (line,) = [line for line in result.out.splitlines() if line.split()[:1] == [offer.title]]
        assert line.split()[1] == str(len(offer.choices))
        assert offer.about in line


def test_each_choice_is_a_line_with_its_description(command):
    result = command("list", "experiments", "samplers")

    lines = result.out.splitlines()
    assert lines[0] == "experiment=…   a whole study: data, model, baselines and their settings"
    assert [line for line in lines if line.startswith("  piezo/ns ")] == [
        "  piezo/ns                      Normally sintered NBT-BT: d33 and eps_r from composition and local polar "
        "heterogeneity."
    ]
    assert "  grid    every combination of the listed values" in lines
    numbers = {offer.title: len(offer.choices) for offer in offers([conf_folder()])}
    assert len(lines) == 3 + numbers["experiments"] + numbers["samplers"]


def test_what_is_advised_lists_and_explains(command):
    (advised,) = [line for line in command("list").out.splitlines() if line.startswith("remanence list")]
    assert command(*advised.partition("#")[0].split()[1:]).out.startswith("model=…")

    last = command("train", "--help").out.splitlines()[-1]
    assert last == "remanence list <group> names the choices, remanence explain <key> says what a key means."
    assert command("list", "model").out.startswith("model=…")
    assert command("explain", "model.lr").out.startswith("model.lr ")


def test_everything_is_listed(command):
    result = command("list", "all")

    assert all(f"\n{offer.group}=…" in f"\n{result.out}" for offer in offers([conf_folder()]))


def test_files_of_ones_own_are_listed(command, tmp_path):
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "mine.yaml").write_text("# My network.\n_target_: mine.Net\n")

    result = command("list", "models", f"hydra.searchpath=[file://{tmp_path}/conf]")

    assert "  mine                      My network." in result.out.splitlines()
    assert command("list", "models", f"hydra.searchpath=[file://{tmp_path}/nowhere]").code == 2


@pytest.mark.parametrize(
    ("word", "hint"),
    [("modles", "did you mean 'models'?"), ("xyz", "known: all, experiments, data, ")],
)
def test_an_unknown_group_is_one_line(command, word, hint):
    result = command("list", word)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"remanence: error: list: nothing is called '{word}'; {hint}")


def test_a_list_imports_nothing_heavy():
    code = (
        "import sys; from remanence.verbs.cli import main; main(['list', 'all'])\n"
        "print([name for name in ('hydra', 'pydantic', 'torch', 'mlflow', 'optuna', 'pandas') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_goes_away_ends_the_list_silently():
    code = "from remanence.verbs.cli import main; import sys; sys.exit(main(['list', 'all']))"

    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # as behind `| head`
        errors = process.stderr.read()

    assert (process.returncode, errors) == (141, b"")
