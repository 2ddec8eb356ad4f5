"""NSID files (N-dimensional spectroscopic and imaging data), as pyNSID writes and sidpy reads them.

Source: pycroscopy.github.io/pyNSID; the layout is that of pyNSID 0.0.7.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import NDArray

AxisKind = Literal["SPATIAL", "SPECTRAL", "TEMPORAL", "CHANNEL", "RECIPROCAL", "UNKNOWN"]
NO_UNIT = "generic"
"""What stands where there is no unit: sidpy does not read an axis whose unit is empty."""
LAYOUT = "0.0.7.2"
"""Version of pyNSID whose layout is written; its reader asks for the attribute."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of a dataset."""

    name: str
    values: NDArray[Any]
    """Value at each index, shape (size,)."""
    units: str = ""
    quantity: str = ""
    """What the values are, such as Length or Bias; empty: the name."""
    kind: AxisKind = "SPECTRAL"


def create_nsid(
    file: h5py.File,
    group: str,
    name: str,
    axes: Sequence[Axis],
    *,
    dtype: Any = np.float64,
    quantity: str = "",
    units: str = "",
    source: str = "remanence",
    metadata: Mapping[str, Any] | None = None,
    fill: Any = None,
) -> h5py.Dataset:
    """Create a dataset with its axes, to be filled by the caller.

    Args:
        file: open for writing.
        group: path of the group that it stands in, such as ``Measurement_000/Channel_000``.
        name: of the dataset; its characters that no path and no pyNSID takes become ``_``.
        axes: of the dataset, rows of the map first.
        dtype: of the values.
        quantity: what the values are.
        units: of the values.
        source: what made them.
        metadata: further facts, written as attributes of the group ``metadata``.
        fill: value of what is never written; None is 0.

    Returns:
        the dataset, of the shape that the axes have.
    """
    name = _for_a_path(name)
    at = file.create_group(f"{group}/{name}")
    shape = tuple(len(axis.values) for axis in axes)
    data = at.create_dataset(name, shape=shape, dtype=dtype, fillvalue=fill)
    attributes = {
        "quantity": quantity or name,
        "units": units or NO_UNIT,
        "main_data_name": name,
        "title": name,
        "data_type": data_type([axis.kind for axis in axes]),
        "modality": NO_UNIT,
        "source": source,
    }
    data.attrs.update(attributes | {"pyNSID_version": LAYOUT, "remanence_version": version("remanence")})
    taken = {name, "metadata"}
    for number, axis in enumerate(axes):
        label = _for_a_path(axis.name)
        while label in taken:
            label += "_"
        taken.add(label)
        scale = at.create_dataset(label, data=np.asarray(axis.values))
        scale.attrs.update(
            name=label, units=axis.units or NO_UNIT, quantity=axis.quantity or axis.name, dimension_type=axis.kind
        )
        scale.make_scale(label)
        data.dims[number].label = label
        data.dims[number].attach_scale(scale)
    if metadata:
        at.create_group("metadata").attrs.update(metadata)
    return data


def write_nsid(
    file: h5py.File, group: str, name: str, values: NDArray[Any], axes: Sequence[Axis], **facts: Any
) -> None:
    """Write a dataset whose values are known; the other arguments are those of ``create_nsid``."""
    create_nsid(file, group, name, axes, dtype=values.dtype, **facts)[...] = values


def data_type(kinds: Sequence[AxisKind]) -> str:
    """Return sidpy's name for data with axes of these kinds.

    >>> data_type(["SPATIAL", "SPATIAL", "SPECTRAL"])
    'SPECTRAL_IMAGE'
    """
    spatial, other = kinds.count("SPATIAL"), len(kinds) - kinds.count("SPATIAL")
    if spatial == 2:
        return "SPECTRAL_IMAGE" if other else "IMAGE"
    if spatial == 1 and other:
        return "LINE_PLOT_FAMILY"
    return "SPECTRUM" if other == 1 and not spatial else "UNKNOWN"


def _for_a_path(name: str) -> str:
    return name.replace("/", "_").replace("-", "_").strip().lstrip(".") or "data"
