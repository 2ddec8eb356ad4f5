"""``remanence repeat experiment=beps/toy seeds=10``: the same run under several seeds, and what is chance in it.

A repeat is a sweep over ``seed``: it goes on after an interruption, takes over what an earlier run has, and its parent
run holds the table and the figure of ``sweeps.repeats``. Other keys may have several values, too.
"""

import re
from collections.abc import Iterable, Sequence

from remanence.configuration.arguments import split
from remanence.errors import ConfigurationError
from remanence.verbs import train

EXPECTED = "a number of seeds, a range such as 10..19 or a list such as 0,3,7"
REFUSED = {
    "seed": "seeds=… lists the seeds",
    "resume": "one run is resumed at a time; the same repeat goes on by itself",
    "fork": "a repeat begins from random weights",
    "sweep": "a search by name has a sampler and a number of trials of its own",
    "hydra.sweeper.sampler": "every seed is trained",
    "hydra.sweeper.n_trials": "every seed is trained",
}
"""Keys that a repeat does not take, to the reason."""


def main(arguments: list[str]) -> int:
    """Run ``remanence repeat``: ``train -m`` with a list of seeds."""
    seeds = [value for key, value in map(split, arguments) if key == "seeds"]
    if len(seeds) != 1 or seeds[0] is None:
        raise ConfigurationError(f"repeat: seeds=… must be given{' once' * bool(seeds)}: {EXPECTED}")
    others = [argument for argument in arguments if split(argument)[0] not in ("seeds", "-m", "--multirun")]
    check_repeated(others)
    return train.main(["-m", *others, f"seed={seed_list(seeds[0])}"])


def check_repeated(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError if an override makes no sense where every seed is trained to its end."""
    for key, value in map(split, arguments):
        if (why := REFUSED.get(key.lstrip("+~"))) is not None and value != "null":
            raise ConfigurationError(f"repeat: {key}={value}: {why}")
        if key == "pruner" and value != "none":
            raise ConfigurationError(f"repeat: pruner={value}: the mean would be of the seeds that were not stopped")


def seed_list(seeds: str | int | Iterable[int]) -> str:
    """Return seeds as Hydra's grammar lists them.

    Args:
        seeds: number of seeds, which are counted from 0; a range ``10..19`` with both ends, or a list, as text; or
            the seeds themselves.

    Raises:
        ConfigurationError: if these are no seeds, or fewer than two, or if one stands twice.

    >>> seed_list("3"), seed_list("10..12"), seed_list("[4,7]"), seed_list(range(2))
    ('0,1,2', '10,11,12', '4,7', '0,1')
    """
    found = seed_numbers(seeds)
    if len(found) < 2:
        raise ConfigurationError(f"seeds: one seed does not say how much is chance, got {seeds}; expected {EXPECTED}")
    if len(set(found)) < len(found):
        raise ConfigurationError(f"seeds: a seed stands twice in {seeds}")
    return ",".join(map(str, found))


def seed_numbers(seeds: str | int | Iterable[int]) -> list[int]:
    """Return the seeds that ``seed_list`` lists, however few.

    >>> seed_numbers("10..12"), seed_numbers("4,7"), seed_numbers(2)
    ([10, 11, 12], [4, 7], [0, 1])
    """
    if isinstance(seeds, int):
        return list(range(seeds))
    if not isinstance(seeds, str):
        return [int(seed) for seed in seeds]
    text = seeds.strip().removeprefix("[").removesuffix("]").replace(" ", "")
    if ends := re.fullmatch(r"(\d+)\.\.(\d+)", text):
        return list(range(int(ends[1]), int(ends[2]) + 1))
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise ConfigurationError(f"seeds: expected {EXPECTED}, got '{seeds}'")
    numbers = [int(number) for number in text.split(",")]
    return numbers if len(numbers) > 1 else list(range(numbers[0]))
