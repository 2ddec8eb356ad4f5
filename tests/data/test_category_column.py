import numpy as np
import pandas as pd

from remanence.data.category_column import levels_of, read_categories


def frame(*cells):
    return pd.DataFrame({"kind": pd.Series(list(cells), dtype=object)})


def test_levels_are_the_texts_that_occur_sorted_and_without_empty_cells():
    assert levels_of(frame("QS", "NS", None, " ", float("nan"), "QS", 7)["kind"]) == ["7", "NS", "QS"]


def test_a_cell_is_a_one_in_the_column_of_its_level():
    read = read_categories(frame("QS", "Sr", "NS", "QS"), "kind", ["NS", "QS", "Sr"])

    assert read.codes.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert read.faults == []


def test_categories_are_told_apart_by_what_a_library_has_read():
    read = read_categories(frame(True, 1, "1", np.bool_(True)), "kind", ["1", "true"])

    assert read.codes.tolist() == [[0, 1], [1, 0], [1, 0], [0, 1]]


def test_all_cells_that_are_none_of_the_levels_are_faults():
    read = read_categories(frame("NS", "Mn", None, "ns"), "kind", ["NS", "QS"])

    assert [(fault.row, fault.what, fault.missing) for fault in read.faults] == [
        (1, "is 'Mn'", False),
        (2, "is empty", True),
        (3, "is 'ns'", False),
    ]
    assert read.codes.tolist() == [[1, 0], [0, 0], [0, 0], [0, 0]]
    assert {fault.known for fault in read.faults} == {("NS", "QS")}
