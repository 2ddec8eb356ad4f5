"""Write the NSID files of this folder with pyNSID.

In tests/data: ``python -m instruments.write_nsid <folder>``.
Pins: ``requirements-nsid.txt`` with Python 3.11.
"""

import sys
from pathlib import Path

import numpy as np
from instruments import known

PACKED = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
WAVENUMBER = np.linspace(100, 1000, 181)
"""Raman shift, 1/cm."""
CURRENT = 1e-9
"""Current of the I–V map at saturation, A."""


def main(folder):
    """Write every file."""
    global h5py, sidpy, pyNSID  # pytest imports this file without them
    import h5py
    import pyNSID
    import sidpy

    folder.mkdir(exist_ok=True)
    waveform, few = known.bias(), known.FREQUENCY[::2]
    pr = known.loops(waveform)
    loops = as_map(pr), [*grid(), spectral("Voltage", waveform, "V", "Bias")], "Piezoresponse", "V"
    frequency = as_map(known.resonances(pr) / 1e3), loops[1], "Resonance frequency", "kHz"
    raw = known.spectra(pr, few).astype(np.complex128)
    image = as_map(known.SATURATION), grid(), "Height", "m"
    axes = [spectral("DC_Offset", waveform, "V", "Bias"), spectral("Frequency", few, "Hz", "Frequency")]
    channels = dimension("channel", np.arange(2), "generic", "channel", "CHANNEL")
    odd = np.sqrt(np.linspace(1, 100, 16))
    volt = np.linspace(-2, 2, 41)
    iv = CURRENT * np.sinh(volt) * (1 + known.COERCIVE[:, None] / 10)
    cycles = np.stack([pr, 0.5 * pr], axis=1)
    files = {
        "nsid_loops": [("loops", *loops)],
        "nsid_x_first": [("loops", loops[0].swapaxes(0, 1), [*grid()[::-1], loops[1][2]], *loops[2:])],
        "nsid_complex_beps": [("spectra", as_map(raw), [*grid(), *axes], "Piezoresponse", "V")],
        "nsid_frequency_khz": [
            (
                "spectra",
                as_map(raw),
                [*grid(), axes[0], spectral("Frequency", few / 1e3, "kHz", "Frequency")],
                "Piezoresponse",
                "V",
            )
        ],
        "nsid_be_image": [("spectra", as_map(raw[:, 4]), [*grid(), axes[1]], "Piezoresponse", "V")],
        "nsid_several": [
            ("height", *image),
            ("loops", *loops),
            ("resonance", *frequency),
            ("reference", pr[0], [loops[1][2]], "Piezoresponse", "V"),
        ],
        "nsid_two_spectral_dimensions": [
            (
                "loops",
                as_map(cycles),
                [*grid(), spectral("Cycle", np.arange(2), "generic", "Cycle"), loops[1][2]],
                *loops[2:],
            )
        ],
        "nsid_channels": [
            ("loops", np.stack([loops[0], frequency[0]], axis=-1), [*loops[1], channels], "generic", "generic")
        ],
        "nsid_odd_names": [
            ("counts", loops[0], [*grid(), spectral(r"$\sqrt E$", odd, "eV^.5", "energy")], "Counts", "counts")
        ],
        "nsid_image": [("height", *image)],
        "nsid_point_spectrum": [("spectrum", pr[0], [loops[1][2]], "Piezoresponse", "V")],
        "nsid_line_profile": [("line", pr[:5], [grid()[1], loops[1][2]], "Piezoresponse", "V")],
        "nsid_iv_map": [
            ("current", as_map(iv).astype(np.float32), [*grid(), spectral("Bias", volt, "V", "Bias")], "Current", "A")
        ],
        "nsid_raman": [
            (
                "counts",
                as_map(raman()),
                [*grid(), spectral("wavenumber", WAVENUMBER, "1/cm", "Raman shift")],
                "Intensity",
                "counts",
            )
        ],
    }
    for name, datasets in files.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            for number, described in enumerate(datasets):
                write(file.create_group(f"Measurement_000/Channel_{number:03}"), *described)


def raman():
    """Return counts of two lines on a bent background; three of 3620 values are cosmic rays."""
    row, col = np.divmod(np.arange(known.ROWS * known.COLS), known.COLS)
    lines = [(520 + row, 8.0, 800.0 + 100 * col), (720 - col, 12.0, 300.0 + 50 * row)]
    background = 200 + 3e-4 * (WAVENUMBER - 300) ** 2
    counts = background + sum(a[:, None] / (1 + ((WAVENUMBER - x[:, None]) / w) ** 2) for x, w, a in lines)
    counts = np.random.default_rng(14).poisson(counts).astype(np.float32)
    counts[[3, 9, 15], [20, 100, 160]] += 30000
    return counts


def write(group, name, values, axes, quantity, units):
    """Write one dataset."""
    data = sidpy.Dataset.from_array(np.ascontiguousarray(values), title=name)
    kinds = [axis.dimension_type.name for axis in axes]
    spatial, points = kinds.count("SPATIAL"), kinds.count("SPECTRAL")
    data.data_type = (
        ("SPECTRAL_IMAGE" if points else "IMAGE") if spatial == 2 else "SPECTRUM" if not spatial else "LINE_PLOT_FAMILY"
    )
    data.quantity, data.units, data.modality, data.source = quantity, units, "AFM", "tests"
    for number, axis in enumerate(axes):
        data.set_dimension(number, axis)
    pyNSID.hdf_io.write_nsid_dataset(data, group, main_data_name=name, **PACKED)


def as_map(values):
    """Return values of pixels as (rows, columns, ...)."""
    return values.reshape(known.ROWS, known.COLS, *values.shape[1:])


def grid():
    """Return the dimensions of the map, rows first."""
    return [
        dimension(name, known.PITCH * np.arange(size), "m", "Length", "SPATIAL")
        for name, size in (("Y", known.ROWS), ("X", known.COLS))
    ]


def spectral(name, values, units, quantity):
    """Return a spectral dimension."""
    return dimension(name, values, units, quantity, "SPECTRAL")


def dimension(name, values, units, quantity, kind):
    """Return a dimension of sidpy."""
    return sidpy.Dimension(values, name=name, units=units, quantity=quantity, dimension_type=kind)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
