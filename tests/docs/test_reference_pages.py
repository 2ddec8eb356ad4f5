"""The reference of the site: every key, metric, tag, file, verb and figure is there, and means something."""

import re
from fnmatch import fnmatch

import pytest
import yaml
from typed_lines import ROOT

from reference_pages.configuration import choices, configuration_pages
from reference_pages.described_keys import described_keys
from reference_pages.drawn_figures import drawn_figures
from reference_pages.gallery import gallery_page, stored_figures
from reference_pages.links import place_on_the_site, with_links_of_the_site
from reference_pages.verbs import verbs_page
from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.on_offer import on_offer
from remanence.studies.kinds import checked
from remanence.verbs.cli import VERBS

NAMES = [name for names in choices().values() for name in names]
METRICS = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
OUTPUTS = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*NAMES, "train"])
def test_every_key_has_a_meaning(name):
    assert [key.name for key in described_keys(name) if not key.meaning] == []


@pytest.mark.parametrize("group", ["data", "model"])
def test_every_key_of_a_class_is_on_its_page(group):
    pages = dict(configuration_pages())

    for choice, described in on_offer(group).items():
        if choice.startswith("_"):
            continue
        shown = {key.name.partition(".")[0] for key in described_keys(f"{group}/{choice}")}
        assert set(described.defaults) - shown <= {"seed", *NOT_WRITTEN}, choice
        assert f"## `{group}={choice}`" in pages[f"reference/configuration/{group}.md"]


NOT_WRITTEN = {"n_features", "n_targets", "steps", "channels", "layout", "factors", "kind", "descriptors"}
"""Arguments that the data tell, the mark of a file's kind, and what a table without formulas has no use for."""


@pytest.mark.parametrize(
    ("name", "key", "default", "takes", "unit"),
    [
        ("model/ridge", "clip", None, "number > 0, or null", ""),
        ("ensemble/stacked", "coverage", 0.9, "number > 0 and < 1", ""),
        ("callbacks/default", "patience", 80, "whole number ≥ 1, or null", "epochs"),
        ("callbacks/default", "checkpoint_seconds", 10.0, "number ≥ 0", "s"),
        ("data/raw", "side", None, "number > 0, or null", "µm"),
        ("beta_schedule/refined_toy", "kind", None, None, None),
        ("pruner/asha", "min_resource", 10, "whole number ≥ 1", "epochs"),
        ("hydra/sweeper/remanence", "fuse", "auto", "auto, off, or whole number ≥ 1", ""),
    ],
)
def test_a_key_has_its_default_range_and_unit(name, key, default, takes, unit):
    found = {each.name: each for each in described_keys(name)}

    if takes is None:
        assert key not in found
        return
    assert (found[key].default, found[key].allowed, found[key].unit) == (default, takes, unit)


def metric_patterns():
    """Return the names of the page as patterns; ``…`` behind a row stands for its other scores."""
    found = set()
    for line in METRICS.splitlines():
        if line.startswith("| `"):
            cell = line.split(" | ")[0]
            found |= {re.sub(r"<\w+>", "*", name) for name in re.findall(r"`([^`]+)`", cell)}
    return found


SCORE = r"(mse|rmse|mae|median_error|r2|relative_error|accuracy|log_loss|f1\w*)"
PATTERNS = metric_patterns()


def is_listed(name):
    """Return whether a name is a row, of another part, target or scale, or of a baseline."""
    if name.startswith("baseline/"):
        _, _, rest = name.partition("/")[2].partition("/")
        return re.fullmatch(r"([^/]+/)?(mae_difference|p|p_value)", rest) is not None or is_listed(rest)
    parts = name.split("/")
    plain = [name, f"test/{parts[-1]}", *(f"test/{'/'.join(parts[at:])}" for at in range(1, len(parts)))]
    plain += [re.sub(rf"/(pooled_|member_)?{SCORE}(_sd)?$", r"/\1mae\3", each) for each in plain]
    return any(fnmatch(each, pattern) for each in plain for pattern in PATTERNS)


@pytest.mark.parametrize(
    ("experiment", "more"),
    [
        ("piezo/ns", ()),
        ("piezo/ns", ("data/split=kfold",)),
        ("piezo/augmentation", ()),
        ("beps/toy", ("data.colours=60", "data.validation=10", "data.gamut=20", "data.image_size=12")),
        ("nested/synthetic", ("data.rows=60",)),
    ],
)
def test_every_metric_that_a_run_may_have_is_listed(experiment, more, outputs):
    from importlib import import_module

    cfg = checked(compose([f"experiment={experiment}", *more]))
    opened = build("data", cfg.data).open()
    kind = {"piezo": "table", "beps": "spectra", "nested": "chain"}[experiment.partition("/")[0]]

    names = import_module(f"remanence.studies.{kind}.metric_names").metric_names(opened, cfg)

    assert len(names) > 20
    assert sorted(name for name in names if not is_listed(name.replace("*", "x"))) == []


def test_a_metric_that_is_not_listed_is_noticed():
    assert not is_listed("test/r3")
    assert not is_listed("baseline/ridge/q")


def tags_in_source():
    """Return every tag that the package writes or reads, from its source."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/remanence").rglob("*.py"))
    found = set(re.findall(r'"(remanence\.[a-z_]+(?:\.[a-z]+)?)\.?"', text))
    modules = {f"remanence.{path.name.removesuffix('.py')}" for path in (ROOT / "src/remanence").iterdir()}
    return {tag for tag in found if ".".join(tag.split(".")[:2]) not in modules} - {"remanence.lock", "remanence.txt"}


def test_every_tag_is_listed():
    listed = {re.sub(r"\.<\w+>", "", tag) for tag in re.findall(r"`(remanence\.[\w.<>]+)`", OUTPUTS)}

    assert len(tags_in_source()) > 25
    assert tags_in_source() - listed == set()


def test_every_file_of_a_run_and_of_a_sweep_is_listed(command, outputs):
    quick = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=1", "baselines=none", "figures=brief")
    assert command("train", *quick).code == 0
    assert command("train", "-m", *quick, "seed=0,1").code == 0
    listed = set(re.findall(r"`([^`]+)`", OUTPUTS)) | set(re.findall(r"`\.(\w+)`", OUTPUTS))
    files = [path for path in outputs.rglob("*") if path.is_file() and "artifacts" not in path.parts]

    unknown = []
    for path in files:
        parent = path.parent.name
        if parent in ("figures", "tables", "movies"):
            known = any(place.startswith(f"{parent}/") for place in listed)
        elif "model" in path.relative_to(outputs).parts:
            known = path.name in {name.rpartition("/")[2] for name in listed}
        else:
            known = any(fnmatch(path.name, re.sub(r".*/|<\w+>", "", name) or "?") for name in listed) or re.match(
                r"(mlflow|sweeps)\.db", path.name
            )
        if not known:
            unknown.append(str(path.relative_to(outputs)))
    assert len(files) > 20
    assert unknown == []


def test_every_verb_has_its_keys():
    page = verbs_page()

    assert re.findall(r"^## `(\w+)`$", page, re.MULTILINE) == list(VERBS)
    assert "Keys: `run=`, `input=`, `output=`, `tracking.uri=`, `data.*=`." in page


def test_every_stored_figure_is_in_the_gallery_with_a_command_that_can_be_typed(outputs):
    stored = stored_figures()
    there = {
        str(path.relative_to(ROOT)) for folder in ("docs", "experiments") for path in (ROOT / folder).rglob("*.png")
    }

    assert set(stored) == {path for path in there if "site/" not in path}
    for command in {figure["command"] for figure in stored.values()}:
        program, first, *words = command.split()
        if program == "python":
            assert (ROOT / first).exists()
        else:
            assert checked(compose([word for word in words if word != "-m"])).config == next(
                word.removeprefix("experiment=") for word in words if word.startswith("experiment=")
            )
    page = gallery_page()
    assert [path for path in stored if f"../../{path})" not in page] == []


def test_every_figure_that_is_logged_has_a_name_and_says_what_it_shows():
    figures = drawn_figures()

    assert len(figures) > 40
    assert [figure for figure in figures if not figure.what or not figure.name] == []
    assert {"parity_<target>", "error_maps_close", "suggest_backtest", "fold_errors_<name>"} <= {
        figure.name for figure in figures
    }


def test_links_lead_to_pages_pictures_or_names():
    text = "![a](experiments/nested/figures/chain.png) [b](tests/conftest.py) [c](docs/tables.md#columns) [d](https://x.org)"

    assert with_links_of_the_site(text, "README.md", "index.md") == (
        '![a](assets/experiments/nested/figures/chain.png) <span title="tests/conftest.py">b</span> '
        "[c](tables.md#columns) [d](https://x.org)"
    )
    assert place_on_the_site("experiments/beps/README.md") == "papers/beps.md"


def test_the_navigation_names_every_page():
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *given: None)
    nav = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), loader)["nav"]
    named = set(re.findall(r"[\w/-]+\.md", str(nav)))
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    made = {path for path, _ in configuration_pages()}

    assert written | made <= named
