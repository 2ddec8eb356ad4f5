"""The toy problem of the β-VAE paper, in which every colour gives a spectrum."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.source import Source
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.picture import read_picture
from remanence.data.spectra.spectra import Spectra
from remanence.data.splits import Fold
from remanence.foundation.constraints import Count, PictureName, Seed
from remanence.science.unmixing.toy import COLOURS, TIMES, toy_spectra


class Toy(Spectra):
    """Spectra of random colours for training, validation and test, and of the colours of a picture as a map.

    Args:
        colours: number of uniformly drawn colours for training.
        validation: number of further colours, whose error chooses the checkpoint.
        gamut: number of further colours for the test.
        image: path of a picture, or the name of one of scikit-learn, ``china.jpg``; None takes its ``flower.jpg``.
        image_size: longer side, in pixels, that the picture is reduced to.
        seed: seed of the colours.
        **spectra: further arguments of ``Spectra``; the split is fixed.
    """

    file_key = "image"
    without = ("split",)

    def __init__(
        self,
        *,
        colours: Count = 10_000,
        validation: Count = 500,
        gamut: Count = 1000,
        image: PictureName | None = None,
        image_size: Count = 120,
        seed: Seed = 0,
        **spectra: Any,
    ) -> None:
        super().__init__(**spectra)
        self.counts = (colours, validation, gamut)
        self.image, self.image_size, self.seed = image, image_size, seed

    def read(self) -> Measurement:
        """Draw the colours and compute their spectra."""
        picture, source = read_picture(self.image, self.image_size)  # (rows, columns, 3)
        rng = np.random.default_rng(self.seed)
        drawn = sum(self.counts)
        colours = np.concatenate([rng.uniform(size=(drawn, 3)), picture.reshape(-1, 3)])
        digest = hashlib.sha256(np.ascontiguousarray(colours[:drawn]).tobytes()).hexdigest()
        location = f"remanence.science.unmixing.toy, {drawn} colours, seed {self.seed}"
        return Measurement(
            values=toy_spectra(colours)[:, :, None],
            axis=TIMES,
            axis_label="t",
            channels=("f",),
            sources=(Source("toy (synthetic)", location, digest, "simulated"), source),
            scene=Scene("painting", np.arange(drawn, len(colours)), picture.shape[:2]),
            factors=Factors(COLOURS, colours),
            synthetic=True,
        )

    def make_fold(self, measured: Measurement, valid: NDArray[np.bool_]) -> Fold:
        """Return the colours of training, validation and test; the pixels of the picture belong to no part."""
        train, validation, test = np.split(np.arange(sum(self.counts)), np.cumsum(self.counts)[:2])
        return Fold(train=train, validation=validation, test=test)
