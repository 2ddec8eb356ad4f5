"""A logged model of images, loaded: by MLflow, and by the verbs ``evaluate`` and ``predict``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from images.data import OpenedImages, read
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.whole_file import whole_file
from remanence.studies.own_data import open_own_data
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run
from remanence.tracking.saved_model import load_model, save_model


class LoggedImages:
    """A fitted model: images (n, height, width) to latents and decoded images."""

    def __init__(self, model: Any, size: Sequence[int]) -> None:
        self.model, self.size = model, tuple(size)

    @classmethod
    def load(cls, folder: Path) -> "LoggedImages":
        """Load what ``save`` wrote."""
        model, description = load_model(folder)
        return cls(model, description["size"])

    def save(self, folder: Path) -> None:
        """Write the model and the size of its images."""
        save_model(self.model, folder, size=list(self.size))

    def predict(self, images: NDArray[Any], params: dict[str, Any] | None = None) -> dict[str, NDArray[np.float64]]:
        """Return ``latents`` (n, latents) and ``decoded`` (n, height, width)."""
        if np.shape(images)[1:] != self.size:
            raise DataError(f"images: expected (n, {self.size[0]}, {self.size[1]}), got {np.shape(images)}")
        latents = self.model.embed(images)
        return {"latents": latents.astype(np.float64), "decoded": self.model.decode(latents).astype(np.float64)}


class AppliedImages:
    """The model that a run on images has logged."""

    def __init__(self, run: Run, model: LoggedImages) -> None:
        self.run, self.model = run, model

    @classmethod
    def of(cls, run: Run) -> Self:
        """Load the model of a run."""
        return cls(run, saved_model_of(run.id, LoggedImages.load))

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the error on the images of a file, or on those that the run held out."""
        _refuse(changes)
        if path is None:
            data = open_own_data(self.run, OpenedImages)
            x = data.x[data.test]
        else:
            x = read(path)
        return {"images": float(len(x)), "test/mse": float(((self.model.predict(x)["decoded"] - x) ** 2).mean())}

    def predict(self, given: NDArray[Any] | pd.DataFrame | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the latents of images, in memory or in a file, a row for each."""
        _refuse(changes)
        images = read(str(given)) if isinstance(given, str | Path) else np.asarray(given)
        latents = self.model.predict(images)["latents"]
        return pd.DataFrame(latents, columns=[f"latent_{number + 1}" for number in range(latents.shape[1])])

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write the latents of the images of a file as CSV and return how many images there are."""
        latents = self.predict(source, changes)
        with whole_file(output) as unfinished:
            latents.to_csv(unfinished, index=False)
        return len(latents)

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Refuse: no property of an image is predicted."""
        raise ConfigurationError(f"design: run {self.run.id} is on images, of which no property is predicted")


def _refuse(changes: Sequence[str]) -> None:
    if changes:
        raise ConfigurationError(f"{changes[0]}: images are read as they are")


def _load_pyfunc(path: str) -> LoggedImages:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return LoggedImages.load(Path(path))
