from typing import get_args

from remanence.configuration.samplers import SAMPLERS
from remanence.configuration.sweep_options import Sweeper


def test_every_sampler_is_described():
    assert tuple(SAMPLERS) == get_args(Sweeper.__annotations__["sampler"])
