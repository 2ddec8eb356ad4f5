import re

import pytest
from compared_runs import compared_run
from PIL import Image

from remanence.tracking.logged_files import LoggedFiles
from remanence.verbs import figure_shelves as module
from remanence.verbs.figure_shelves import figure_shelves


@pytest.fixture
def make(outputs):
    """Make a run with figures of these names."""

    def run(number, *names, name=None):
        folder = outputs / "artifacts" / "piezo" / f"{number}" / "artifacts"
        (folder / "figures").mkdir(parents=True)
        for each in names:
            Image.new("RGB", (600, 300), "red").save(folder / "figures" / f"{each}.png")
        return compared_run(name or f"run {number}", f"{number}" * 32, artifact_uri=folder.as_uri())

    return run


@pytest.fixture
def files(outputs):
    return LoggedFiles(f"sqlite:///{outputs}/mlflow.db")


def heads(text):
    return re.findall("<h3>(.*?)</h3>", text)


def test_each_figure_that_two_runs_share_is_a_shelf_with_a_thumbnail_of_each_run(make, files):
    runs = [make(1, "zeta", "parity_d33", "alone"), make(2, "zeta", "parity_d33"), make(3, "parity_d33")]

    text = figure_shelves({"": runs}, files)[""]

    assert heads(text) == ["parity_d33", "zeta"]
    assert text.count("<figure>") == 5
    assert "run 3 <code>33333333</code>" in text
    addresses = re.findall('(?:src|href)="(.*?)"', text)
    assert all(address.startswith("data:image/webp;base64,") for address in addresses)


def test_a_page_has_so_many_figures_and_says_which_are_left_out(make, files, monkeypatch):
    monkeypatch.setattr(module, "MOST_PICTURES", 3)
    runs = [make(number, "parity", "zeta") for number in (1, 2)]

    text = figure_shelves({"": runs}, files)[""]

    assert heads(text) == ["parity"]
    assert "Left out" in text
    assert "zeta" in text


def test_a_name_is_escaped_and_what_is_no_picture_left_out(make, files, outputs):
    runs = [make(1, "a", name="<script>"), make(2, "a")]
    (outputs / "artifacts/piezo/2/artifacts/figures/a.png").write_text("no picture")

    text = figure_shelves({"": runs}, files)[""]

    assert "<script>" not in text
    assert text.count("<figure>") == 1


def test_runs_without_common_figures_have_no_entry(make, files):
    assert figure_shelves({"g": [make(1, "a"), make(2, "b")]}, files) == {}
