import pytest

from remanence.foundation.first_few import first_few


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, ""), (1, "1"), (3, "1; 2; 3"), (4, "1; 2; 3 and 1 more"), (100, "1; 2; 3 and 97 more")],
)
def test_the_first_three_are_named_and_the_others_counted(number: int, said: str) -> None:
    all_of_them = [str(each) for each in range(1, 1 + number)]
    assert first_few(all_of_them[:3], of=number, between="; ") == said
