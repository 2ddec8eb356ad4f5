from remanence.studies.table.other_inputs import other_inputs


def test_new_and_gone_inputs_are_named():
    assert other_inputs(["Na", "Ti"], ["K", "Na", "Nb", "Ti"]) == "inputs of the table: new K, Nb"
    assert other_inputs(["Ba", "Na"], ["Na", "Sr"]) == "inputs of the table: new Sr; gone Ba"


def test_the_same_inputs_in_another_order_are_others():
    assert other_inputs(["x", "T"], ["T", "x"]) == "inputs of the table: in another order"
    assert other_inputs(["x", "T"], ["x", "T"]) == ""
