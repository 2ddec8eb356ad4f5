"""The pages of the notebooks: what is stored is of the present sources, small, and of no machine."""

import re

import pandas as pd
import pytest

from notebook_pages.execute import _plain_table, _stored, _without_place
from notebook_pages.notebook import NAMES, NOTEBOOKS, STORED, cells, digest, source_of, stored
from notebook_pages.page import PAGE, _shown, notebook_pages
from reference_pages.links import with_links_of_the_site
from remanence.verbs.tracked_run import Figures

MOST_BYTES = 1_000_000
RUN = [name for name in NAMES if stored(name) is not None]
"""Notebooks whose outputs are stored."""


@pytest.mark.parametrize("name", RUN)
def test_what_is_stored_is_of_the_present_source(name):
    source, kept = source_of(name), stored(name)

    assert kept["source"] == digest(source), f"docs/notebooks/{name}.py has changed: make notebooks NAME={name}"
    assert len(kept["outputs"]) == len([cell for cell in cells(source) if not cell.is_text])
    assert {"text", "figure"} <= {kind for outputs in kept["outputs"] for output in outputs for kind in output}


def test_there_is_a_page_for_each_notebook_and_each_stored_file_is_shown():
    assert {path.stem for path in NOTEBOOKS.glob("*.py")} == set(NAMES)
    files = {path.name for path in STORED.iterdir()}
    shown = {output["figure"] for name in RUN for outputs in stored(name)["outputs"] for output in outputs
             if "figure" in output}  # fmt: skip

    assert files == shown | {f"{name}.json" for name in RUN}
    assert sum(path.stat().st_size for path in STORED.iterdir()) < MOST_BYTES
    pages = notebook_pages()
    for name in NAMES:
        assert pages[PAGE.format(name)].startswith("# ")
        code = [cell for cell in cells(source_of(name)) if not cell.is_text]
        assert pages[PAGE.format(name)].count("```python") == len(code)
        assert ("is not stored here" in pages[PAGE.format(name)]) == (name not in RUN)


@pytest.mark.parametrize("name", RUN)
def test_nothing_stored_is_of_a_machine_or_a_moment(name):
    text = (STORED / f"{name}.json").read_text(encoding="utf-8").replace(stored(name)["source"], "")

    found = re.findall(
        r"/(?:tmp|home|root|work|Users|var|usr)\b[^\s\"]*|\b[0-9a-f]{32}\b|20\d\d-\d\d-\d\d|\d s\b|seconds", text
    )
    assert found == []


def test_the_pictures_of_a_page_are_found_on_the_site():
    line = _shown({"figure": "own_data-1-1.webp", "shows": "parity_d33"})

    on_site = with_links_of_the_site(line, "docs/tutorials/notebooks/own_data.md", "tutorials/notebooks/own_data.md")

    assert on_site == line == "![parity_d33](../../notebooks/rendered/own_data-1-1.webp)"


def test_an_output_loses_what_is_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert _without_place(f"run  {'ab' * 16}  \nfigures  {tmp_path}/outputs/runs\nfit 12.3 s\n") == (
        "run  …\nfigures  outputs/runs\nfit … s"
    )


def test_a_table_is_shown_without_the_looks_of_pandas():
    html = _plain_table(pd.DataFrame({"d33": [1.5]})._repr_html_())

    assert html.startswith("<table><thead><tr><th></th><th>d33</th></tr></thead>")
    assert "\n" not in html


def test_a_displayed_list_of_figures_is_stored_as_files(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    monkeypatch.setattr("notebook_pages.execute.STORED", tmp_path)
    for name in ("parity_d33", "losses"):
        Figure(figsize=(12, 3)).savefig(tmp_path / f"{name}.png")
    figures = Figures([tmp_path / "losses.png", tmp_path / "parity_d33.png"])

    html = figures.named("parity_d33", "nothing", "losses")._repr_html_()
    kept = _stored({"text/html": html, "text/plain": "…"}, "own-1")

    assert kept == [
        {"figure": "own-1-1.webp", "shows": "parity_d33"},
        {"figure": "own-1-2.webp", "shows": "losses"},
    ]
    assert (tmp_path / "own-1-2.webp").stat().st_size < 5000
