"""The names under which earlier releases wrote what a model finds in a scan, as views of the datasets of an NSID file.

In 0.1 a file held ``embedding`` (pixels, latents), ``measured`` and ``reconstruction`` (pixels, steps, channels),
``valid`` (pixels,), ``axis`` and, of a raw scan, ``resonances/…`` (pixels, steps). A view takes no room.
"""

from collections.abc import Sequence

import h5py
import numpy as np

from remanence.studies.spectra.predicted_scan import SPECTRA, PredictedScan, slug


def add_earlier_names(predicted: PredictedScan, label: str) -> None:
    """Add the views, and the attributes ``shape``, ``label`` and ``channels``, to the root of the file.

    Args:
        predicted: the only scan of the file, complete.
        label: label of the axis of the spectra.
    """
    file = predicted.file
    views = {"embedding": "latents", "valid": "valid"}
    views |= {name: name for name in predicted.datasets if name.startswith("resonances/")}
    for view, name in views.items():
        _view(predicted, view, [name])
    for output in SPECTRA:
        _view(predicted, output, [f"{output}_{slug(channel)}" for channel in predicted.channels], stacked=True)
    file["axis"] = predicted.axis.values
    file["axis"].attrs["label"] = label
    file["measured"].attrs["channels"] = predicted.channels
    if len(predicted.positions) == 2:
        file.attrs["shape"] = [len(axis.values) for axis in predicted.positions]


def _view(predicted: PredictedScan, view: str, names: Sequence[str], *, stacked: bool = False) -> None:
    sources = [predicted.datasets[name].data for name in names]
    shape = predicted.pixels, *sources[0].shape[len(predicted.positions) :]
    layout = h5py.VirtualLayout((*shape, len(sources)) if stacked else shape, sources[0].dtype)
    for number, source in enumerate(sources):
        part = h5py.VirtualSource(".", source.name, source.shape, source.dtype)
        layout[(..., number) if stacked else ...] = part
    layout.dcpl.set_obj_track_times(False)  # as h5py does for other datasets: the same values are the same bytes
    fill = np.nan if sources[0].dtype.kind == "f" else None
    predicted.file.create_virtual_dataset(view, layout, fillvalue=fill)
