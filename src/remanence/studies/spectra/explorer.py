"""The explorer of a run on spectra: maps, the spectra of each pixel, and the decoder, in one page."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.layout import take_apart
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.figures.explorer.packed_array import BITS_BYTES, BYTES, packed_rows
from remanence.figures.explorer.page import explorer_page
from remanence.models.described_decoder import described_decoder, number_of_weights
from remanence.science.unmixing.error_statistics import pixel_mse
from remanence.science.unmixing.novelty import novelty, spectral_distance
from remanence.studies.presentation import marked
from remanence.studies.spectra.fit import Unmixed, calibration_of
from remanence.studies.spectra.latents import kind_of, strongest_first
from remanence.studies.spectra.stage_embeddings import Embedded
from remanence.tracking.run import Run

MOST_BYTES = 7.6e6
"""Largest page; a scan that does not fit is shown by every second, third, … row and column."""
FEW_WEIGHTS = 1_200_000
"""Largest decoder whose weights have two bytes, 3.2 MB; those of a larger one have fourteen bits."""
MOST_WEIGHTS = 2_900_000
"""Largest decoder in a page, 6.8 MB."""
MOST_PRODUCTS = 600_000_000
"""Products that a browser computes in about a tenth of a second."""
PROBES = 100
TOLERANCE = 0.01
"""Share of the range of a spectrum by which what the page decodes may differ from what the model decodes."""
PARTS = ("train", "validation", "test")


def log_explorer(tracked: Run, unmixed: Unmixed, data: OpenedSpectra, stages: Embedded = ()) -> None:
    """Log the page ``figures/explorer.html``, see ``spectra_explorer``."""
    if unmixed.embedding.shape[1] and data.valid.any():
        tracked.log_text(spectra_explorer(unmixed, data, stages, name=tracked.name), "figures/explorer.html")


def spectra_explorer(unmixed: Unmixed, data: OpenedSpectra, stages: Embedded = (), *, name: str = "") -> str:
    """Return a page with the maps of a fitted model, the spectra of each pixel, and its decoder.

    Args:
        unmixed: fit of the run's own model.
        data: opened spectra.
        stages: latents of the map's pixels (pixels, latents) at the end of each stage, see ``stage_embeddings``.
        name: name of the run.
    """
    kept = _kept(unmixed, data)
    decoder = _decoder(unmixed, kept)
    weights = number_of_weights(decoder)
    is_large = weights > FEW_WEIGHTS
    extra = BYTES * (len(stages) + 2) * len(kept) * len(data.x) + (BITS_BYTES if is_large else BYTES) * weights
    rows, place = _pixels(data, budget=MOST_BYTES - extra)
    errors = pixel_mse(unmixed.reconstruction, data.x)
    quantities = [{"name": "error", "unit": " (mean squared z-score)", "values": _of(errors, rows, data)}]
    if len(calibration := calibration_of(unmixed, data)):
        far = novelty(spectral_distance(unmixed.reconstruction, data.x), calibration)
        quantities.append({"name": "novelty", "unit": "", "values": _of(far, rows, data)})
    made, measured = data.physical(unmixed.reconstruction[rows]), data.measured
    valid = data.valid[rows]
    shown: dict[str, Any] = {
        "facts": _facts(unmixed, data, kept, name, place),
        "axis": {"label": measured.axis_label, "values": measured.axis.tolist()},
        "channels": [
            {
                "label": label,
                "measured": np.where(valid[:, None], measured.values[rows, :, channel], np.nan),
                "made": np.where(valid[:, None], made[:, :, channel], np.nan),
            }
            for channel, label in enumerate(measured.channels)
        ],
        "map": place,
        "number": [] if place else rows.tolist(),
        "valid": valid.astype(int).tolist(),
        "parts": _parts(data, rows),
        "start": _start(valid, place),
        "latents": [_latent(unmixed, latent, rows, data) for latent in kept],
        "number_of_latents": unmixed.embedding.shape[1],
        "quantities": quantities,
        "stages": _stages(stages, kept, rows, data) if place else [],
        "decoder": _with_packed_rows(decoder) if is_large else decoder,
        "scaling": {"mean": data.scaling.mean.ravel().tolist(), "sd": data.scaling.sd.ravel().tolist()},
        "places": _places(data),
        "tolerance": TOLERANCE,
    }
    if "parts" in decoder:
        shown["probes"] = _probes(unmixed, data, kept, shown["latents"])
    title = f"{kind_of(unmixed)} of {data.source.name}"
    return explorer_page("spectra", title=title if "synthetic" in title else marked(title, data), data=shown)


def _kept(unmixed: Unmixed, data: OpenedSpectra) -> list[int]:
    """Return the latents that are not masked, active ones first, the strongest first."""
    mask = getattr(unmixed.model, "mask", None)
    number = unmixed.embedding.shape[1]
    kept = list(range(number)) if mask is None else [place for place, on in enumerate(mask.tolist()) if on > 0]
    first = [latent for latent in strongest_first(unmixed, data) if latent in kept]
    return first + [latent for latent in kept if latent not in first]


def _pixels(data: OpenedSpectra, *, budget: float) -> tuple[NDArray[np.intp], dict[str, int] | None]:
    """Return the pixels whose spectra fit into the page, and the shape of their map; every second row and so on."""
    each = 2 * BYTES * data.measured.values[0].size
    if data.scene is None:
        usable = np.flatnonzero(data.valid)
        return usable[:: max(1, math.ceil(len(usable) * each / budget))], None
    every = 1
    numbers = data.scene.rows.reshape(data.scene.shape)
    while numbers[::every, ::every].size * each > budget and every < max(numbers.shape):
        every += 1
    part = numbers[::every, ::every]
    return part.ravel(), {"rows": part.shape[0], "columns": part.shape[1], "every": every}


def _start(valid: NDArray[np.bool_], place: dict[str, int] | None) -> int:
    """Return the pixel that is shown first: a usable one, the nearest to the middle of the map."""
    usable = np.flatnonzero(valid)
    if place is None:
        return int(usable[0])
    row, column = np.divmod(usable, place["columns"])
    away = (row - (place["rows"] - 1) / 2) ** 2 + (column - (place["columns"] - 1) / 2) ** 2
    return int(usable[away.argmin()])


def _of(values: NDArray[np.floating[Any]], rows: NDArray[np.intp], data: OpenedSpectra) -> NDArray[np.float64]:
    return np.where(data.valid[rows], values[rows], np.nan)


def _latent(unmixed: Unmixed, latent: int, rows: NDArray[np.intp], data: OpenedSpectra) -> dict[str, Any]:
    values = unmixed.embedding[:, latent].astype(np.float64)
    known = values[data.valid]
    low, middle, high = (float(each) for each in (known.min(), np.median(known), known.max()))
    more = 0.05 * (high - low) or 1.0
    variance = unmixed.log_variance
    return {
        "place": latent,
        "name": f"latent {latent + 1}",
        "mean": _of(values, rows, data),
        "sd": None if variance is None else _of(np.exp(variance[:, latent] / 2), rows, data),
        "low": low - more,
        "middle": middle,
        "high": high + more,
    }


def _parts(data: OpenedSpectra, rows: NDArray[np.intp]) -> dict[str, Any] | None:
    """Return to which part of the split each pixel belongs; None if none of them belongs to any."""
    of = np.full(len(data.x), len(PARTS))
    for number, part in enumerate(PARTS):
        of[getattr(data.fold, part)] = number
    names = [*(f"{part} pixel" for part in PARTS), "in no part of the split"]
    return {"names": names, "of": of[rows].tolist()} if (of[rows] < len(PARTS)).any() else None


def _stages(stages: Embedded, kept: Sequence[int], rows: NDArray[np.intp], data: OpenedSpectra) -> list[dict[str, Any]]:
    """Return the maps of the kept latents at the end of each stage."""
    if data.scene is None:
        return []
    place = {pixel: number for number, pixel in enumerate(data.scene.rows.tolist())}
    of_scene = np.array([place[pixel] for pixel in rows.tolist()])
    return [
        {
            "name": f"epoch {stage.epoch}, β = {stage.beta:.3g}, {stage.active_units} active",
            "latents": [np.where(data.valid[rows], z[of_scene, latent], np.nan) for latent in kept],
        }
        for stage, z in stages
    ]


def _decoder(unmixed: Unmixed, kept: Sequence[int]) -> dict[str, Any]:
    """Return the decoder as weights, or ``why`` the page has none."""
    described = described_decoder(unmixed.model, unmixed.embedding.shape[1])
    if described is None:
        return {"why": f"no sliders: the layers of {kind_of(unmixed)} are not among those that this page can compute"}
    if (number := number_of_weights(described)) > MOST_WEIGHTS or described["multiplications"] > MOST_PRODUCTS:
        millions = f"{number / 1e6:.1f} million weights, {described['multiplications'] / 1e6:.0f} million products"
        return {"why": f"no sliders: the decoder is too large to run in a page ({millions} a spectrum)"}
    return described


def _with_packed_rows(described: Any) -> Any:
    """Return a description of a decoder with its matrices as codes of fourteen bits."""
    if isinstance(described, np.ndarray) and described.ndim == 2:
        return packed_rows(described)
    if isinstance(described, dict):
        return {name: _with_packed_rows(each) for name, each in described.items()}
    return [_with_packed_rows(each) for each in described] if isinstance(described, list) else described


def _places(data: OpenedSpectra) -> list[int]:
    """Return where in a laid-out spectrum the value of each step and channel stands, step by step."""
    count = data.x[0].size
    numbers = np.arange(count, dtype=np.float64).reshape(1, *data.x.shape[1:])
    return take_apart(numbers, data.layout, len(data.measured.channels)).ravel().astype(int).tolist()


def _probes(
    unmixed: Unmixed, data: OpenedSpectra, kept: Sequence[int], latents: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return random latents within the sliders, and what the model decodes of them, which the page compares."""
    low, high = (np.array([latent[end] for latent in latents]) for end in ("low", "high"))
    drawn = np.random.default_rng(0).uniform(low, high, size=(PROBES, len(kept)))
    z = np.zeros((PROBES, unmixed.embedding.shape[1]), dtype=np.float32)
    z[:, kept] = drawn
    spectra = data.physical(unmixed.model.decode(z))
    return {"latents": drawn, "spectra": [spectra[:, :, channel] for channel in range(spectra.shape[2])]}


def _facts(
    unmixed: Unmixed, data: OpenedSpectra, kept: Sequence[int], name: str, place: dict[str, int] | None
) -> list[str]:
    """Return what stands under the heading."""
    facts = [name] if name else []
    facts.append(f"{len(kept)} latents")
    tested = data.fold.test
    if len(tested):
        mse = float(pixel_mse(unmixed.reconstruction[tested], data.x[tested]).mean())
        facts.append(f"test MSE {mse:.4g} (squared z-scores)")
    if place:
        facts.append(f"map of {data.scene.shape[0]} × {data.scene.shape[1]} pixels" if data.scene else "")
        if place["every"] > 1:
            ordinal = {2: "2nd", 3: "3rd"}.get(place["every"], f"{place['every']}th")
            facts.append(f"every {ordinal} row and column is shown: more would not fit into a page")
    else:
        facts.append("the spectra form no map: pixels lie where their first two latents are")
    return facts
