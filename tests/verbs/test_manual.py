import re

import pytest

from remanence.verbs import cli
from remanence.verbs.manual import MANUALS, OVERRIDES

SMALL = ("data.path=", "data.target=", "data.features=")


def test_every_verb_has_a_manual():
    assert list(MANUALS) == sorted(MANUALS, key=list(MANUALS).index)
    assert set(MANUALS) == set(cli.VERBS)


@pytest.mark.parametrize(
    "verb", ["evaluate", "predict", "watch", "design", "suggest", "register", "clean", "doctor", "ui"]
)
def test_the_keys_of_a_manual_are_those_that_the_verb_takes(command, verb):
    listed = command(verb, "xxxxxxxx=1").err.partition("; keys: ")[2].strip().split(", ")

    own = {key for key in MANUALS[verb].keys if not key.startswith("data.")}
    assert own == {key for key in listed if not key.startswith("data.")}
    assert ("data.<key>" in MANUALS[verb].keys) == ("data.*" in listed)


@pytest.mark.parametrize("verb", MANUALS)
def test_an_example_begins_with_its_verb(verb):
    assert all(example.split(" ")[0] == verb for example in MANUALS[verb].examples)


def test_the_keys_of_train_are_keys_of_the_configuration(command):
    for key in OVERRIDES:
        kind = ["experiment=piezo/table"] if key in ("data.path", "data.target") else []
        assert command("explain", key, *kind).code == 0, key


def test_the_help_of_train_shows_groups_overrides_and_examples(command):
    out = command("train", "--help").out

    for part in (
        "experiments ",
        "trainer.max_epochs=…",
        "remanence train experiment=piezo/ns",
        "remanence list <group>",
    ):
        assert part in out
    assert len(re.findall(r"^  [\w./]+=…", out, re.MULTILINE)) == len(OVERRIDES) == 10


@pytest.mark.parametrize("example", [each for each in MANUALS["train"].examples if "mine.csv" not in each])
def test_an_example_of_train_composes(command, example):
    words = [word for word in example.split(" ")[1:] if word not in ("-m", "--cfg", "job", "n_jobs=2")]
    one = [re.sub(r",.*", "", word) for word in words]

    assert command("train", "--cfg", "job", *one).code == 0
