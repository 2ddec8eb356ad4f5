"""What a run does with images: fit, score, draw, log the model, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from pytorch_lightning import LightningDataModule, LightningModule
from torch import Tensor
from torch.utils.data import DataLoader

from images.applied import LoggedImages
from images.data import OpenedImages, Pictures
from images.figure import plot_images
from remanence.configuration.configuration import Configuration
from remanence.data.batches import BatchesOfRows, Shard
from remanence.errors import ConfigurationError
from remanence.studies.kind import MakeTrainer
from remanence.studies.presentation import marked, print_whereabouts
from remanence.tracking.logged_model import log_saved
from remanence.tracking.run import Run
from remanence.training.alone import train_alone
from remanence.training.fitter import Fitter
from remanence.training.initial_weights import NETWORK
from remanence.training.ranks import Ranks
from remanence.training.seen_rows import Seen
from remanence.training.trainer import LightningFitter, build_trainer, no_trainer
from remanence.training.untrained_shapes import Shapes, shapes


@dataclass
class ImageFit:
    """A fitted model, and what it makes of every image."""

    model: Any
    latents: Pictures
    decoded: Pictures
    epochs: int = 0


@dataclass
class ImageScores:
    """The metrics, and the error of every image that was held out."""

    metrics: dict[str, float]
    errors: pd.DataFrame


class Batches(LightningDataModule):
    """Batches (batch, height, width) of the training and validation images."""

    def __init__(self, data: OpenedImages) -> None:
        super().__init__()
        self.data = data

    def train_dataloader(self) -> DataLoader[Tensor]:
        """Shuffled training images, or this process's share of them."""
        x = torch.as_tensor(self.data.x[self.data.train])
        batches = BatchesOfRows(len(x), self.data.batch_size, shuffle=True, shard=Shard.of(self.trainer))
        return DataLoader(x, sampler=batches, batch_size=None)  # type: ignore[arg-type]

    def val_dataloader(self) -> DataLoader[Tensor]:
        """All validation images as one batch, in every process."""
        return DataLoader(self.data.x[self.data.validation], len(self.data.validation))  # type: ignore[arg-type]


class ImageStudy:
    """The study of images; ``remanence.studies.kind.Study`` says what each method is asked for."""

    def __init__(self, data: OpenedImages, cfg: Configuration) -> None:
        self.data, self.cfg = data, cfg

    def make_trainer(self, model: Any, ranks: Ranks) -> MakeTrainer:
        """Return what makes Lightning's trainer."""
        return partial(self._trainer, ranks) if isinstance(model, LightningModule) else no_trainer

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Take linear unmixing beside the network, not another network."""
        if isinstance(baseline, LightningModule):
            raise ConfigurationError(f"baselines.{name}: {type(baseline).__name__} is a network; leave it out")

    def untrained_shapes(self, model: Any) -> dict[str, Shapes]:
        """Return the shapes of the network's weights, which ``fork`` compares."""
        return {NETWORK: shapes(model.state_dict())}

    def rows_seen(self) -> dict[tuple[str, str], list[Seen]]:
        """Return which images the network sees."""
        return {("", ""): [Seen(self.data.train, self.data.validation, self.data.test)]}

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the training is still to begin."""
        return resume_from is None

    def fit(self, model: Any, trainer: Fitter | None, *, resume_from: Path | None = None) -> ImageFit:
        """Train the network; fit whatever else has ``fit``, ``embed`` and ``decode``."""
        if not isinstance(trainer, LightningFitter):
            return self.fit_baseline(model, trainer)
        model = train_alone(model, Batches(self.data), trainer.trainer, resume_from=resume_from)
        return self._fitted(model, trainer.trainer.current_epoch)

    def fit_baseline(self, model: Any, trainer: Fitter | None) -> ImageFit:
        """Fit linear unmixing to the same images."""
        model.fit(self.data.x[np.concatenate([self.data.train, self.data.validation])])
        return self._fitted(model)

    def score(self, fitted: ImageFit, references: Mapping[str, ImageFit]) -> ImageScores:
        """Return the errors of all models on the images that were held out."""
        metrics: dict[str, float] = {}
        errors = pd.DataFrame({"image": self.data.test})
        spread = float(self.data.x[self.data.test].var(axis=0).mean())
        for name, each in {"": fitted, **references}.items():
            squared = ((each.decoded - self.data.x) ** 2).mean(axis=(1, 2))
            prefix = f"baseline/{name}/" if name else ""
            metrics[f"{prefix}test/mse"] = float(squared[self.data.test].mean())
            metrics[f"{prefix}test/r2"] = 1 - metrics[f"{prefix}test/mse"] / spread
            errors[name or "mse"] = squared[self.data.test]
            if not name:
                metrics["val/mse"] = float(squared[self.data.validation].mean())
        return ImageScores(metrics, errors)

    def show(
        self, tracked: Run, fitted: ImageFit, references: Mapping[str, ImageFit], scores: ImageScores, *, brief: bool
    ) -> None:
        """Log the errors as a table, and a few images as the models decode them."""
        tracked.log_table(scores.errors, "test_errors")
        shown = self.data.test[:6]
        rows = {"measured": self.data.x[shown], type(fitted.model).__name__: fitted.decoded[shown]}
        rows |= {} if brief else {name: each.decoded[shown] for name, each in references.items()}
        figure, _ = plot_images(rows, title=marked("held-out images", self.data))
        tracked.log_figure(figure, "images")

    def log_model(self, tracked: Run, fitted: ImageFit) -> None:
        """Log the model, which ``mlflow.pyfunc`` loads without unpickling code."""
        size, double = self.data.x.shape[1:], np.dtype(np.float64)
        outputs = [
            TensorSpec(double, (-1, fitted.latents.shape[1]), "latents"),
            TensorSpec(double, (-1, *size), "decoded"),
        ]
        signature = ModelSignature(Schema([TensorSpec(double, (-1, *size))]), Schema(outputs))
        saved, example = LoggedImages(fitted.model, size), self.data.x[self.data.test[:2]].astype(np.float64)
        log_saved(tracked, saved.save, signature, example, loader="images.applied", step=fitted.epochs)

    def report(self, tracked: Run, scores: ImageScores, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the errors of all models."""
        keys = ["test/mse", *(f"baseline/{name}/test/mse" for name in baselines)]
        print("  ".join(f"{key} {scores.metrics[key]:.4g}" for key in keys))
        if not brief:
            print_whereabouts(tracked, tracked.name)

    def _trainer(self, ranks: Ranks, **tracked: Any) -> LightningFitter:
        return LightningFitter(build_trainer(self.cfg.trainer, self.cfg.callbacks, ranks=ranks, **tracked))

    def _fitted(self, model: Any, epochs: int = 0) -> ImageFit:
        latents = model.embed(self.data.x)
        return ImageFit(model, latents, model.decode(latents), epochs)
