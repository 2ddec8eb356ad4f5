"""Model card and data card of a run on spectra."""

from collections.abc import Collection, Mapping

import numpy as np

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.studies.card import Cards, Section, shown, table
from remanence.studies.presentation import OWN
from remanence.studies.spectra.data_card import data_sections, near_training
from remanence.studies.spectra.fit import Unmixed, calibration_of

SHOWN = {
    "test/mse": "MSE",
    "test/mse_amortised": "as it encodes",
    "test/r2": "R²",
    "test/active_units": "active units",
    "test/disentanglement": "DCI",
}


def spectra_cards(
    fitted: Unmixed,
    baselines: Collection[str],
    metrics: Mapping[str, float],
    data: OpenedSpectra,
    cfg: Configuration,
) -> Cards:
    """Return the sections of both cards.

    Args:
        fitted: fit of the run's own model.
        baselines: names of the baselines.
        metrics: all final metrics of the run.
        data: spectra and the pixels that are held out.
        cfg: configuration of the run.
    """
    model = [
        Section("What it is", _what(fitted, data, cfg)),
        Section("How well it reconstructs", _quality(baselines, metrics, data)),
        Section("How far to trust it", _trust(fitted, metrics, data)),
    ]
    return Cards(model, data_sections(data, cfg.data.get("split", {})))


def _what(fitted: Unmixed, data: OpenedSpectra, cfg: Configuration) -> list[str]:
    latents, fold = fitted.embedding.shape[1], data.fold
    told = [
        f"Reduces a spectrum of {' and '.join(data.channels)}, {len(data.axis)} steps, to {latents} numbers and back.",
        f"Fitted to {len(fold.train)} pixels, stopped by {len(fold.validation)}, tested on {len(fold.test)}.",
    ]
    if fitted.log_variance is not None:
        told.append(f"{fitted.active.sum()} of {latents} latents carry more than .05 nat; the others say nothing.")
    if fitted.chosen is not None:
        told.append(f"The schedule chose its weights at β = {shown(float(fitted.chosen.beta))}.")
    if (wanted := getattr(cfg.beta_schedule, "wanted", None)) is not None:
        told.append(
            f"**How many latents there are was asked for (`beta_schedule.wanted={wanted}`), it was not found out.**"
        )
    return told


def _quality(baselines: Collection[str], metrics: Mapping[str, float], data: OpenedSpectra) -> list[str]:
    rows = {f"**{OWN}**": "", **{name: f"baseline/{name}/" for name in baselines}}
    keys = [key for key in SHOWN if any(f"{prefix}{key}" in metrics for prefix in rows.values())]
    ordered = sorted(rows.items(), key=lambda row: metrics.get(f"{row[1]}test/mse", np.inf))
    told = [
        f"Errors on {len(data.fold.test)} pixels, in squared z-scores, of which a channel has a variance of 1.",
        table(
            ["model", *(SHOWN[key] for key in keys)],
            [[label, *(metrics.get(f"{prefix}{key}") for key in keys)] for label, prefix in ordered],
        ),
    ]
    own = {key: value for key, value in metrics.items() if key.startswith("test/") and key.endswith("/rmse")}
    told += [f"RMSE of {key.split('/')[1]}: {shown(value)}, in the unit of the channel." for key, value in own.items()]
    if not baselines:
        told.append("No baseline stands beside it: whether linear unmixing would do is not known.")
    elif (best := min(baselines, key=lambda name: metrics[f"baseline/{name}/test/mse"])) and (
        metrics[f"baseline/{best}/test/mse"] < metrics["test/mse"]
    ):
        told.append(f"**{best} reconstructs these spectra better than this model.**")
    return [*told, "The split has one part: these errors have no spread, and no test compares them."]


def _trust(fitted: Unmixed, metrics: Mapping[str, float], data: OpenedSpectra) -> list[str]:
    told = []
    if not len(np.setdiff1d(data.fold.test, data.fold.fitting)):
        return ["**Nothing was held out** (`data.split.kind=all`): the errors are of spectra that were fitted."]
    if (near := near_training(data)) is not None and near > 0:
        told.append(
            f"{near:.0%} of the tested pixels lie beside a pixel that was fitted, of the same scan: what the model "
            "makes of another sample, tip or scan is not tested (`data.split.kind=blocks` holds squares out)."
        )
    if len(calibration_of(fitted, data)):
        told.append(
            "`predict` ranks each spectrum among those that were held out: trust nothing with `novelty` near 1."
        )
    told.append(
        "Latents have no units and no sign; which of them stands for what, and how they are turned against each other, "
        "may differ with the seed."
    )
    if (agreed := metrics.get("test/disentanglement")) is not None:
        told.append(
            f"Against the known factors of the simulation, DCI is {shown(agreed)} (1: each latent follows one factor)."
        )
    amortised = metrics.get("test/mse_amortised")
    if amortised is not None and amortised > 1.5 * metrics["test/mse"]:
        told.append(
            f"The encoder alone errs {shown(amortised / metrics['test/mse'])} times as much: the error above needs the "
            "projection of every spectrum, as `predict` does it."
        )
    return told
