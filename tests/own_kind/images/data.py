"""Images from a file of numpy, or simulated: bright discs on a grey gradient."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.errors import ConfigurationError, DataError

Pictures = NDArray[np.float32]


@dataclass
class OpenedImages:
    """Images that were read, checked and split."""

    x: Pictures
    """Shape (images, height, width), as read."""
    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]
    """Images of each part."""
    batch_size: int
    source: Source

    @property
    def sources(self) -> tuple[Source, ...]:
        """The file."""
        return (self.source,)

    @property
    def synthetic(self) -> bool:
        """Whether the images were simulated."""
        return self.source.kind == "simulated"

    @property
    def shape(self) -> dict[str, int]:
        """What only the data can tell a network."""
        return {"height": self.x.shape[1], "width": self.x.shape[2]}

    @property
    def flat_shape(self) -> dict[str, int]:
        """What only the data can tell linear unmixing."""
        return {"steps": self.x.shape[1], "channels": self.x.shape[2]}


class Images:
    """What ``data._target_`` names: its arguments are the keys of ``conf/data/images.yaml``."""

    def __init__(self, *, path: str | None, number: int, noise: float, batch_size: int, seed: int) -> None:
        if number < 10:
            raise ConfigurationError(f"data.number: should be at least 10, got {number}")
        self.path, self.number, self.noise, self.batch_size, self.seed = path, number, noise, batch_size, seed

    def check(self) -> None:
        """Raise what is wrong with the data before torch is imported: here reading them is fast enough."""
        self.open()

    def open(self) -> OpenedImages:
        """Read or simulate the images; a fifth of them is the test, another one chooses the weights."""
        if self.path is None:
            x = simulate(self.number, noise=self.noise, seed=self.seed)
            source = Source("images (synthetic)", "images.data", hashlib.sha256(x.tobytes()).hexdigest(), "simulated")
        else:
            x, source = read(self.path), Source.of_file(Path(self.path))
        order = np.random.default_rng(self.seed).permutation(len(x))
        test, validation, train = np.split(order, [len(x) // 5, 2 * len(x) // 5])
        return OpenedImages(x, train, validation, test, self.batch_size, source)


def read(path: str) -> Pictures:
    """Return the images of a file of numpy, shape (images, height, width).

    Raises:
        DataError: if it cannot be read, or holds something else.
    """
    try:
        x = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as images: {error}") from error
    if x.ndim != 3 or len(x) < 10 or not np.isfinite(x).all():
        raise DataError(f"{path}: expected at least 10 finite images, (images, height, width), got {x.shape}")
    return x.astype(np.float32)


def simulate(number: int, *, noise: float, seed: int, size: int = 16) -> Pictures:
    """Return images (number, size, size) that differ by the place of a disc."""
    random = np.random.default_rng(seed)
    row, column = np.mgrid[:size, :size] / (size - 1)
    y, x = random.uniform(0.25, 0.75, (2, number, 1, 1))
    disc = np.exp(-((row - y) ** 2 + (column - x) ** 2) / 0.05)
    return (disc + 0.2 * row + noise * random.standard_normal(disc.shape)).astype(np.float32)
