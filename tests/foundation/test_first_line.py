import pytest

from remanence.foundation.first_line import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [(ValueError("\n too long \nsee above"), "too long "), (OSError(), "OSError"), (ValueError(" \n"), "ValueError")],
)
def test_it_is_the_first_line_that_says_something(error, line):
    assert first_line(error) == line
