import pytest

from remanence.configuration.yaml_comments import first_comment, key_comments

FILE = """# @package _global_
# What it is.
# More of it.
data:
  split: {kind: all}       # nothing is held out
  units: {d33: "pC/N # no"}
model:   # of the study
  hidden: [32,
           32]   # two layers
  lr: 0.1        # steps of Adam,
                 # which are small
  # no comment of lr
  loss: mse
"""


def test_what_stands_beside_a_key_is_its_comment():
    assert key_comments(FILE) == {
        "data.split": "nothing is held out",
        "model": "of the study",
        "data.split.kind": "nothing is held out",
        "model.hidden": "two layers",
        "model.lr": "steps of Adam, which are small",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE, "What it is."),
        ("# A. And B.\nx: 1\n", "A. And B."),
        ("# One that goes\n# on. Two.\nx: 1\n", "One that goes on."),
        ("# no end\nx: 1\n", "no end"),
        ("x: 1\n", ""),
        ("", ""),
    ],
)
def test_a_description_is_one_line_or_one_sentence(text, said):
    assert first_comment(text) == said


def test_a_file_without_keys_has_no_comments():
    assert key_comments("# nothing\n") == {}
