import inspect

import numpy as np
import pytest

from remanence.configuration.compose import compose
from remanence.data.spectra.pixels import hold_out
from remanence.errors import ConfigurationError

SHAPE = (12, 18)


@pytest.fixture
def valid():
    """A map with 10 masked pixels."""
    mask = np.ones(SHAPE[0] * SHAPE[1], dtype=bool)
    mask[np.random.default_rng(1).choice(mask.size, 10, replace=False)] = False
    return mask


def parts(fold):
    return fold.train, fold.validation, fold.test


@pytest.mark.parametrize("name", ["beps", "raw"])
def test_the_defaults_are_those_of_the_yaml(name):
    configured = dict(compose([f"data={name}"]).data.split)
    defaults = {key: value.default for key, value in inspect.signature(hold_out).parameters.items()}

    assert configured == {key: value for key, value in defaults.items() if key not in ("valid", "shape")}


def test_random_pixels_are_the_end_of_a_permutation():
    order = np.random.default_rng(0).permutation(3600)

    fold = hold_out(np.ones(3600, dtype=bool), (60, 60), test=0.2, validation=0.05, seed=0)

    assert fold.test.tolist() == sorted(order[2880:])
    assert fold.validation.tolist() == sorted(order[2700:2880])
    assert fold.train.tolist() == sorted(order[:2700])


@pytest.mark.parametrize("kind", ["random", "blocks"])
def test_every_valid_pixel_belongs_to_one_part(valid, kind):
    fold = hold_out(valid, SHAPE, kind=kind, test=0.3, validation=0.2, block=3)

    assert sorted(np.concatenate(parts(fold))) == np.flatnonzero(valid).tolist()


@pytest.mark.parametrize("block", [1, 3, 5, 7])
def test_no_block_is_torn(valid, block):
    fold = hold_out(valid, SHAPE, kind="blocks", test=0.3, validation=0.2, block=block)

    part_of = np.full(valid.size, -1)
    for number, rows in enumerate(parts(fold)):
        part_of[rows] = number
    grid = part_of.reshape(SHAPE)
    for row in range(0, SHAPE[0], block):
        for column in range(0, SHAPE[1], block):
            held = np.unique(grid[row : row + block, column : column + block])
            assert held[held >= 0].size <= 1


def test_blocks_hold_out_about_the_share_that_was_asked_for():
    fold = hold_out(np.ones(3600, dtype=bool), (60, 60), kind="blocks", test=0.2, validation=0.05, block=6)

    assert [len(rows) for rows in parts(fold)] == [2700, 180, 720]


def test_all_holds_nothing_out_but_the_masked_pixels(valid):
    for rows in parts(hold_out(valid, SHAPE, kind="all")):
        assert rows.tolist() == np.flatnonzero(valid).tolist()


@pytest.mark.parametrize("kind", ["random", "blocks"])
def test_the_seed_decides(valid, kind):
    first, again, other = (hold_out(valid, SHAPE, kind=kind, block=2, seed=seed) for seed in (3, 3, 4))

    assert first.test.tolist() == again.test.tolist()
    assert first.test.tolist() != other.test.tolist()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"test": 0.001}, "test"),
        ({"validation": 0.001}, "validation"),
        ({"test": 0.6, "validation": 0.4}, "training"),
        ({"test": 0.6, "validation": 0.9}, "training"),
        ({"kind": "blocks", "block": 100}, "validation"),
    ],
)
def test_an_empty_part_is_one_line(valid, options, part):
    with pytest.raises(ConfigurationError) as caught:
        hold_out(valid, SHAPE, **options)

    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"data.split: no pixel is left for {part} among 206 pixels")
