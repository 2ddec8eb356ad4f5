from remanence.foundation.causes import causes


def test_causes_and_contexts_are_followed_to_the_first():
    first, second, third = OSError("no route"), ValueError("no answer"), KeyError("runs")
    third.__context__, second.__cause__ = second, first

    assert [*causes(third)] == [third, second, first]


def test_an_error_that_is_its_own_cause_is_yielded_once():
    error = OSError("no route")
    error.__cause__ = error

    assert [*causes(error)] == [error]
