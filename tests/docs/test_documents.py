"""What the documents say about files is so, and the recipe for a kind of data can be typed."""

import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from reference_pages.made_pages import made_pages as build_made_pages

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "remanence"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [*DOCUMENTS, ROOT / "CHANGELOG.md", *sorted((ROOT / "experiments").glob("*/README.md"))]
OF_RUNS = ROOT / "docs" / "outputs.md"
"""Names files of a run; ``test_reference_pages.py`` compares them with those of one."""
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = {
    "artifacts/", "movies/", "tables/", "search_space.yaml", "config.yaml", "sweep.txt", "traceback.txt",  # of a run
    "model_card.md", "data_card.md",
    "environment.txt", "environment.resumed-1.txt", "known_rows/",
    "model/", "environments/",  # of a bundle, and of outputs
    "test/", "train/", "val/",  # beginnings of metrics
    "images/",  # of the recipe, below tests/own_kind
    "src/remanence/models/residual.py", "conf/model/residual.yaml", "conf/sweep/piezo/residual.yaml",  # to be written
    "tests/models/test_residual.py",
    "findings/",  # where findings will be
    "mylab/conf/model/mychain.yaml",  # a reader's
    "site/",  # where make docs builds it
}  # fmt: skip


made_pages = cache(build_made_pages)


def read(path):
    return path.read_text(encoding="utf-8")


def section(title):
    """Return a section of docs/architecture.md."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", read(ARCHITECTURE), re.DOTALL | re.MULTILINE).group(
        1
    )


def named_blocks(text):
    """Return the files that blocks of code stand for, each named in a line of its own before, and the blocks."""
    return re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(text):
    """Return the lines of the blocks that are typed, words apart, long lines joined."""
    typed = [code for language, code in FENCED.findall(text) if not language]
    lines = "".join(typed).replace("\\\n", " ").splitlines()
    return [words for words in (shlex.split(line) for line in lines) if words and words[0] in ("python", "remanence")]


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if path != OF_RUNS], ids=lambda path: path.name)
def test_every_path_in_backticks_is_there(document):
    named = re.findall(r"`([\w./-]+(?:\.(?:py|yaml|md|toml|txt)|/))`", FENCED.sub("", read(document)))
    places = (ROOT, PACKAGE, document.parent, ROOT / "tests" / "own_kind")
    missing = {path for path in named if not any((place / path).exists() for place in places)}

    assert missing - ELSEWHERE == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#:]+)\)", read(page))

    assert [link for link in links if not (page.parent / link).exists()] == []  # made pages are not in the repository


@pytest.mark.parametrize("document", [ARCHITECTURE, ROOT / "README.md"], ids=lambda path: path.name)
def test_the_house_has_the_rooms_that_are_there(document):
    (house,) = [code for _, code in FENCED.findall(read(document)) if code.startswith("conf/ ")]
    drawn = re.findall(r"^  (\w+)/ ", house, re.MULTILINE)

    assert set(drawn) == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert len(drawn) == len(set(drawn))
    top = re.findall(r"^([\w/]+)/ ", house, re.MULTILINE)
    assert [path for path in top if not (ROOT / path).is_dir()] == []


def test_the_drawn_house_names_every_module_at_the_top_and_every_kind():
    house = FENCED.search(section("The house")).group(2)

    assert set(re.findall(r"^  (\w+\.py) ", house, re.MULTILINE)) == {path.name for path in PACKAGE.glob("*.py")}
    studies = {path.parent.name for path in PACKAGE.glob("studies/*/__init__.py")}
    assert set(re.findall(r"^    (\w+)/ ", house, re.MULTILINE)) == studies
    described = re.search(r"rows of a table: (.*)", house).group(1).split(", ")
    for kind in studies - {"design", "suggest"}:
        assert [name for name in described if not (PACKAGE / "studies" / kind / f"{name}.py").exists()] == []


def test_a_file_that_one_run_names_is_there():
    named = re.findall(r"`(\w+/[\w/]+\.py)`", section("One run"))

    assert len(named) > 15
    assert [path for path in named if not (PACKAGE / path).exists()] == []


def test_code_of_the_recipe_of_a_kind_is_that_of_its_files():
    shown = dict(named_blocks(section("Recipe: a kind of data of one's own")))
    files = {path for path in (ROOT / "tests" / "own_kind").rglob("*") if path.suffix in (".py", ".yaml")}
    written = {str(path.relative_to(ROOT)) for path in files} - {"tests/own_kind/test_own_kind.py"}

    assert set(shown) == written - {"tests/own_kind/images/__init__.py"}
    for path, code in shown.items():
        text, at = read(ROOT / path), 0
        for piece in re.split(r"^ *# …$", code, flags=re.MULTILINE):
            found = text.find(piece.strip("\n"), at)
            assert found >= 0, f"{path} has no longer, or not in this order:\n{piece}"
            at = found + len(piece.strip("\n"))


def test_the_recipe_of_a_kind_can_be_typed(command, tmp_path, monkeypatch, all_runs):
    for folder in ("images", "conf"):
        shutil.copytree(ROOT / "tests" / "own_kind" / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    recipe = section("Recipe: a kind of data of one's own")
    name, value = re.search(r"^export (\w+)=(.*)$", recipe, re.MULTILINE).groups()
    monkeypatch.setenv(name, value)

    for program, *words in commands(recipe):
        if program == "python":
            exec(words[words.index("-c") + 1], {})
            continue
        result = command(*(word.replace("max_epochs=60", "max_epochs=2") for word in words))
        assert result.code == 0, f"{shlex.join(words)}: {result.err}"

    assert len(pd.read_csv("latents.csv")) == 40
    assert len(all_runs()) == 4, "one run, a sweep and its two"
