import shutil
import subprocess
import sys

import pytest
import yaml

from remanence.configuration import model_file as module
from remanence.configuration.compose import compose
from remanence.configuration.described import describe
from remanence.configuration.folder import conf_folder
from remanence.configuration.model_file import differing_files, main, model_file
from remanence.configuration.on_offer import on_offer
from remanence.studies.kinds import checked

OWN = '''
import torch


class Own:
    """A network of somebody's own.

    Args:
        n_features: number of inputs.
        width: units of a layer.
        shape: of it; a colon: and a # may stand here.
        seed: of its weights.
    """

    def __init__(self, *, n_features, n_targets=1, width: int = 4, shape: str = "round", rates=(0.1, 1e-5), loss,
                 seed: int = 0, device=torch.device("cpu"), bins: int | None = None): ...
'''
TARGET = "mine.own.Own"
WHOLE = """# A network of somebody's own.
_target_: mine.own.Own
width: 4              # units of a layer
shape: round          # of it; a colon: and a # may stand here
rates: [0.1, 1.0e-05]
loss: ???
seed: ${seed}         # of its weights
bins: null
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's class, and a copy of ``conf/model`` for its file."""
    (tmp_path / "mine").mkdir()
    source = tmp_path / "mine" / "own.py"
    source.write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    shutil.copytree(conf_folder() / "model", tmp_path / "conf" / "model")
    monkeypatch.setattr(module, "conf_folder", lambda: tmp_path / "conf")
    return source


@pytest.fixture
def file(mine, tmp_path):
    return tmp_path / "conf" / "model" / "own.yaml"


def test_a_new_class_gets_a_whole_file(mine):
    assert model_file(describe(TARGET)) == WHOLE
    assert model_file(describe(TARGET), WHOLE) == WHOLE


@pytest.mark.parametrize("name", [n for n, found in on_offer("model").items() if n == found.target.split(".")[-2]])
def test_a_file_made_anew_has_the_values_of_the_one_on_offer(name):
    text = (conf_folder() / "model" / f"{name}.yaml").read_text(encoding="utf-8")
    made, offered = (yaml.safe_load(each) for each in (model_file(on_offer("model")[name]), text))

    for key in on_offer("model")[name].required:  # a user or other files of conf bring it
        assert made.pop(key) == "???"
        offered.pop(key, None)
    offered.pop("defaults", None)
    assert made == offered


def test_a_new_file_composes(mine, file):
    assert main([TARGET, str(file)]) == 0
    own = [f"hydra.searchpath=[file://{file.parents[1]}]", "model=own", "allowed_targets=[remanence.,mine.]", "seed=7"]

    cfg = checked(compose([*own, "model.loss=mse"]))

    values = {"width": 4, "shape": "round", "rates": [0.1, 1e-5], "loss": "mse", "seed": 7, "bins": None}
    assert cfg.model == {"_target_": TARGET, **values}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("width: int = 4", "width: int = 16", "width: 16             # units of a layer"),
        ('"round"', '"a: b"', "shape: 'a: b'         # of it; a colon: and a # may stand here"),
        ("rates=(0.1, 1e-5)", "rates=(0.1,)", "rates: [0.1]"),
        ("bins: int", "size: int = 3, bins: int", "size: 3"),
        ("bins: int", "size: int, bins: int", "size: ???"),
        ("bins: int | None = None", "bins: int = 3", "bins: 3"),
    ],
)  # fmt: skip
def test_a_class_that_changes_is_noticed_and_its_file_mended(mine, file, capsys, before, after, line):
    main([TARGET, str(file)])
    file.write_text(file.read_text().replace("# A network of", "# The reasons of"))
    assert differing_files() == []
    assert main([]) == 0
    assert before in OWN

    mine.write_text(OWN.replace(before, after))

    assert differing_files() == [file]
    capsys.readouterr()
    assert main([]) == 1
    assert capsys.readouterr().out.startswith(f"{file}: differs from its class")
    assert main([TARGET, str(file)]) == 0
    assert differing_files() == []
    assert line in file.read_text().splitlines()
    assert file.read_text().startswith("# The reasons of")


@pytest.mark.parametrize(
    ("name", "before", "after"), [("dnn", "[64, 64]", "[64]"), ("nu_svr", "folds: ", "fold: "), ("pca", "5", "6")]
)
def test_a_file_that_changes_is_noticed(mine, file, name, before, after):
    changed = file.with_stem(name)
    text = changed.read_text()
    assert before in text

    changed.write_text(text.replace(before, after, 1))

    assert differing_files() == [changed]
    mended = model_file(on_offer("model")[name], changed.read_text())
    assert yaml.safe_load(text).items() <= yaml.safe_load(mended).items()


def test_comments_stay_where_they_are(mine):
    before = "# Mine.\n_target_: mine.own.Own\n\n# why so wide\nwidth: 123456 # reasons\nshape: round\n"

    lines = model_file(describe(TARGET), before).splitlines()

    assert lines[:6] == [
        "# Mine.",
        "_target_: mine.own.Own",
        "",
        "# why so wide",
        "width: 4      # reasons",
        "shape: round",
    ]


def test_a_class_that_is_not_there_is_told(file, capsys):
    assert main(["mine.own.Nobody", str(file)]) == 2
    assert capsys.readouterr().err == "mine.own.Nobody: no such class\n"
    assert not file.exists()


def test_the_module_is_a_command(tmp_path):
    command = [sys.executable, "-m", "remanence.configuration.model_file"]

    done = subprocess.run([*command, "remanence.models.pca.PCA", tmp_path / "p.yaml"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, f"written to {tmp_path / 'p.yaml'}\n")
    assert yaml.safe_load((tmp_path / "p.yaml").read_text())["n_components"] == 5
