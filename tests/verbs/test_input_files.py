import pytest

from remanence.errors import DataError
from remanence.verbs.input_files import input_files, take_inputs


def test_inputs_are_taken_from_among_the_arguments():
    assert take_inputs(["run=a", "input=1.h5", "output=b", "input=2.h5"]) == (
        ["input=1.h5", "input=2.h5"],
        ["run=a", "output=b"],
    )


def test_a_pattern_is_its_files_in_the_order_of_their_names(tmp_path):
    for name in ("scan2.h5", "scan1.h5", "other.h5", "scan[3].h5"):
        (tmp_path / name).touch()

    assert input_files("predict", [f"input={tmp_path}/scan?.h5", f"input={tmp_path}/other.h5"]) == [
        f"{tmp_path}/{name}" for name in ("scan1.h5", "scan2.h5", "other.h5")
    ]
    assert input_files("predict", [f"input={tmp_path}/scan[3].h5"]) == [f"{tmp_path}/scan[3].h5"]


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        (["input=none*.h5"], r"none\*\.h5: no file matches"),
        (["input=a.h5", "input=a.h5"], r"predict: input=a\.h5 is named twice"),
    ],
)
def test_what_names_no_files_is_one_line(named, reason):
    with pytest.raises(DataError, match=reason):
        input_files("predict", named)
