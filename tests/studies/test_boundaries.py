"""What belongs to one kind of data stays there: seen in what a run loads, and in the text of the package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import remanence

OWN_KIND = Path(__file__).parents[1] / "own_kind"
PACKAGE = Path(remanence.__file__).parent

FEW_TREES = ["baselines=quick", "baselines.random_forest.n_estimators=2"]
RUNS = {
    "table": [
        *("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "ensemble=stacked"),
        *("figures=full", *FEW_TREES),
    ],
    # what a network needs is loaded all the same
    "spectra": [
        *("experiment=beps/toy", "data.colours=60", "data.validation=20", "data.gamut=20", "data.image_size=8"),
        *("model=pca", "baselines=none", "figures=brief"),
    ],
    "chain": ["experiment=nested/synthetic", "data.rows=60", "trainer.max_epochs=2", "figures=brief", *FEW_TREES],
    "images": [
        *(f"hydra.searchpath=[file://{OWN_KIND}/conf]", "allowed_targets=[remanence.,images.]", "data=images"),
        *("model=conv_autoencoder", "trainer.max_epochs=2", "baselines=images"),
    ],
}

OF_TABLES = [
    *(r"studies\.table", r"data\.nbbt", r"models\.dnn"),
    r"figures\.(campaign|permittivity|importance|augmentation|response)",
]
OF_ROWS = [
    *(r"data\.(table|opened_table|columns)", r"models\.(estimator|linear|forest|random_forest)"),
    *(r"figures\.parity", r"studies\.fold_scores"),
]
OF_SPECTRA = [
    *(r"studies\.spectra", r"data\.spectra", r"figures\.spectra"),
    r"models\.(beta_vae|sequence|nmf|dictionary_learning)",
]
UNMIXING = [r"models\.(pca|unmixer)"]
OF_CHAINS = [
    *(r"studies\.chain", r"data\.nested", r"figures\.nested"),
    r"models\.(nested_ae|scale|blended|gaussian_head)",
]
OTHERS = {
    "table": [*OF_SPECTRA, *UNMIXING, *OF_CHAINS],
    "spectra": [*OF_TABLES, *OF_ROWS, *OF_CHAINS],
    "chain": [*OF_TABLES, *OF_SPECTRA, *UNMIXING],  # a scale holds rows, and is drawn as they are
    "images": [*OF_TABLES, *OF_ROWS, *OF_SPECTRA, *OF_CHAINS],  # PCA stands beside them
}
DESCRIPTION = re.compile(r"remanence\.data\.(spectra(\.pixel_split)?|nested(\.own_table)?)")
"""The nodes that stand in signatures, which are read to know every key that there is, and the packages they lie in."""

LOADED = """
import sys
from remanence.verbs.cli import main

code = main(["train", *sys.argv[1:]])
print("\\n".join(name for name in sorted(sys.modules) if name.startswith("remanence.")), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_loads_no_module_of_another_kind(outputs, kind):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *RUNS[kind]], cwd=OWN_KIND, capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stderr
    loaded = [name for name in done.stderr.splitlines() if name.startswith("remanence.")]
    assert kind == "images" or f"remanence.studies.{kind}.study" in loaded
    others = re.compile(rf"remanence\.({'|'.join(OTHERS[kind])})(\..*)?")
    assert [name for name in loaded if others.fullmatch(name) and not DESCRIPTION.fullmatch(name)] == []


def test_nobody_asks_an_object_for_its_kind():
    """A kind is asked, through its protocols; an ``isinstance`` elsewhere would be the first of 23 again."""
    of_kinds = r"Opened(Table|Spectra|Chain)|(Table|Spectral|Chain)Model|(Table|Spectra|Chain)(Study|Scores|Fit)"
    asked = re.compile(rf"isinstance\([^()]*\b({of_kinds}|Applied(Table|Spectra|Chain)|Unmixed|FittedChain)\b")
    found = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not re.match(r"studies/(table|spectra|chain)/", path.relative_to(PACKAGE).as_posix())
        for line in path.read_text(encoding="utf-8").splitlines()
        if asked.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("room", ["training", "tracking", "sweeps", "verbs", "configuration"])
def test_no_room_names_a_kind_to_choose_by_it(room):
    compared = re.compile(r"""(kind|\.name)\s*(==|!=|in)\s*[\[({]?\s*["'](table|spectra|chain)["']""")
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if compared.search(line)
    ]

    assert found == []
