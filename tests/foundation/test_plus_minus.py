import pytest

from remanence.foundation.plus_minus import plus_minus


@pytest.mark.parametrize(
    ("mean", "spread", "shown"),
    [
        (0.681, 0.12, "0.681 ± 0.12"),
        (0.0046, 0.00007, "0.0046 ± 7e-05"),
        (55.75, 33.2, "55.75 ± 33"),
        (157.1, 99.6, "157.1 ± 99.6"),
        (157.1, 113.4, "157.1 ± 113"),
        (-837.4, 1404.2, "-837.4 ± 1404"),
        (1.0, float("nan"), "1 ± nan"),
    ],
)
def test_a_spread_of_hundreds_is_no_power_of_ten(mean: float, spread: float, shown: str) -> None:
    assert plus_minus(mean, spread) == shown
