"""Write the h5USID files of this folder with pyUSID and BGlib.

In tests/data: ``python -m instruments.write_h5usid <folder>``.
Pins: ``requirements-h5usid.txt`` with Python 3.11; both packages need NumPy 1.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from instruments import known

PIXELS = known.ROWS * known.COLS
PACKED = {"compression": "gzip", "compression_opts": 9, "shuffle": True}


def main(folder):
    """Write every file."""
    global h5py, usid, Dimension, write_region_references, write_simple_attrs  # pytest imports this file without them
    import h5py
    import pyUSID as usid  # noqa: N813
    from pyUSID import Dimension
    from sidpy.hdf.hdf_utils import write_simple_attrs
    from sidpy.hdf.reg_ref import write_region_references

    folder.mkdir(exist_ok=True)
    for write in (standard, grids, waveforms, units, without_bias, described_otherwise, bglib):
        write(folder)


def standard(folder):
    """Write two cycles in both fields, by pyUSID's own dimensions, and one with the fastest column of a table first.

    pyUSID lists the slowest dimension first; the instruments, and pycroscopy, from which it came, the fastest.
    """
    waveform, few = known.bias(), known.FREQUENCY[::2]
    off, on = (known.spectra(known.loops(waveform, in_field=field), few, seed=field) for field in (0, 1))
    data = np.stack([on, off], axis=2)[:, None]  # (pixels, 1, steps, fields, bins)
    data = np.concatenate([data, 0.5 * data], axis=1)  # the second cycle is half as strong
    field, cycle = Dimension("Field", "", [1, 0]), Dimension("Cycle", "", [0, 1])
    dimensions = [frequency(few), field, Dimension("DC_Offset", "V", waveform), cycle]
    with h5py.File(folder / "beps_two_cycles_both_fields.h5", "w") as file:
        raw(channel(file), data.reshape(PIXELS, -1), dimensions)
    with h5py.File(folder / "beps_fast_column_first.h5", "w") as file:
        step, field = np.repeat(np.arange(known.STEPS), 2), np.tile([0, 1], known.STEPS)
        described = {"Field": ("", field, 1 - field), "DC_Offset": ("V", step, waveform[step])}
        along(channel(file), data[:, 0].reshape(PIXELS, -1), described, few)


def grids(folder):
    """Write one loop a pixel on grids whose rows stand in other orders than that of the map."""
    data = loop()
    dimensions = [frequency(), Dimension("DC_Offset", "V", known.bias())]
    row, col = np.divmod(np.arange(PIXELS), known.COLS)
    snake = row * known.COLS + np.where(row % 2, known.COLS - 1 - col, col)
    shorter = np.arange(PIXELS - 3)
    for name, places in (("snake", snake), ("permuted_rows", known.SPIRAL), ("incomplete_grid", shorter)):
        with h5py.File(folder / f"beps_{name}.h5", "w") as file:
            at = channel(file)
            places_of = tables(at, "Position", ["X", "Y"], ["m", "m"], [col[places], row[places]], known.PITCH)
            raw(at, data[places], dimensions, places_of)
    with h5py.File(folder / "beps_x_slow.h5", "w") as file:
        turned = data.reshape(known.ROWS, known.COLS, -1).swapaxes(0, 1).reshape(PIXELS, -1)
        raw(channel(file), turned, dimensions, grid()[::-1])
    with h5py.File(folder / "beps_singleton_z.h5", "w") as file:
        raw(channel(file), data, dimensions, [*grid(), Dimension("Z", "m", [2e-6])])


def waveforms(folder):
    """Write waveforms whose bias depends on the cycle, or stands still."""
    quarter = np.concatenate([known.bias(4.0), known.bias()])
    with h5py.File(folder / "beps_quarter_first_cycle.h5", "w") as file:
        described = {"DC_Offset": ("V", np.tile(np.arange(16), 2), quarter), "Cycle": ("", *[np.arange(32) // 16] * 2)}
        along(channel(file), loop(quarter), described)
    forc = np.concatenate([known.bias(maximum) for maximum in (4.0, 8.0, 12.0, 16.0)])
    number = np.arange(64) // 16
    few = known.FREQUENCY[::2]
    for name, index in (("resetting", np.tile(np.arange(16), 4)), ("never_resetting", np.arange(64))):
        with h5py.File(folder / f"forc_{name}.h5", "w") as file:
            described = {"DC_Offset": ("V", index, forc), "FORC": ("", number, number)}
            along(channel(file), loop(forc, few), described, few)
    with h5py.File(folder / "forc_without_a_dimension.h5", "w") as file:
        along(channel(file), loop(forc, few), {"DC_Offset": ("V", np.arange(64), forc)}, few)
    held = np.repeat(known.bias(steps=8), 3)
    with h5py.File(folder / "beps_bias_held.h5", "w") as file:
        along(channel(file), loop(held), {"DC_Offset": ("V", np.repeat(np.arange(8), 3), held)})
    with h5py.File(folder / "beps_bias_held_index_counts.h5", "w") as file:
        along(channel(file), loop(held), {"DC_Offset": ("V", np.arange(24), held)})
    reads = np.tile(np.arange(4), 16)  # after each pulse the response decays to half
    relaxing = np.repeat(known.loops(known.bias()), 4, axis=1) * (0.5 + 0.5 * np.exp(-reads / 2))
    with h5py.File(folder / "be_relaxation.h5", "w") as file:
        described = {
            "Time": ("s", reads, 0.1 * reads),
            "DC_Offset": ("V", np.repeat(np.arange(16), 4), np.repeat(known.bias(), 4)),
        }
        along(channel(file, "BEPSData", VS_mode="DC modulation mode"), known.spectra(relaxing, few), described, few)


def units(folder):
    """Write frequencies in other units than Hz, or in none, and spectra with the opposite sense of the phase."""
    bias = Dimension("DC_Offset", "V", known.bias())
    variants = {
        "frequency_khz": ([Dimension("Frequency", "kHz", known.FREQUENCY / 1e3), bias], loop()),
        "frequency_mhz": ([Dimension("Frequency", "MHz", known.FREQUENCY / 1e6), bias], loop()),
        "frequency_mhz_without_unit": ([Dimension("Frequency", "", known.FREQUENCY / 1e6), bias], loop()),
        "bias_mv": ([frequency(), Dimension("DC_Offset", "mV", 1e3 * known.bias())], loop()),
        "opposite_phase": ([frequency(), bias], loop().conj()),
    }
    for name, (dimensions, data) in variants.items():
        with h5py.File(folder / f"beps_{name}.h5", "w") as file:
            raw(channel(file), data, dimensions)


def without_bias(folder):
    """Write a BE line, a BE image, a BE image before a loop, an AC sweep and a contact Kelvin probe scan."""
    still = known.SATURATION[:, None]
    spectrum = known.spectra(still)[:, 0]
    with h5py.File(folder / "be_image.h5", "w") as file:
        raw(channel(file, "BELineData"), spectrum, [frequency()])
    with h5py.File(folder / "be_line.h5", "w") as file:
        line = [Dimension("X", "m", known.PITCH * np.arange(PIXELS)), Dimension("Y", "m", [0.0])]
        raw(channel(file, "BELineData"), spectrum, [frequency()], line)
    with h5py.File(folder / "be_image_before_beps.h5", "w") as file:
        raw(channel(file, "BEPSData"), spectrum, [frequency()])
        raw(channel(file), loop(), [frequency(), Dimension("DC_Offset", "V", known.bias())])
    volt = np.concatenate([np.arange(1, 9), np.arange(8, 0, -1)]) / 4
    swept = known.spectra(still * volt)
    with h5py.File(folder / "be_ac_sweep.h5", "w") as file:
        down = np.arange(16) // 8
        described = {"AC_Amplitude": ("A", np.tile(np.arange(8), 2), volt), "Direction": ("", down, down)}
        along(channel(file, "BEPSData", VS_mode="AC modulation mode with time reversal"), swept, described)
    few, read = known.FREQUENCY[::2], np.array([-1.0, 0.0, 1.0])
    written = known.loops(known.bias())[:, :, None] + 0.05 * known.SATURATION[:, None, None] * read
    with h5py.File(folder / "ckpfm_raw.h5", "w") as file:
        steps = [frequency(few), Dimension("read_bias", "V", read), Dimension("write_bias", "V", known.bias())]
        raw(channel(file, "cKPFMData", VS_mode="cKPFM"), known.spectra(written.reshape(PIXELS, -1), few), steps)


def described_otherwise(folder):
    """Write what is found in older files: other names, missing attributes, records of real and imaginary parts."""
    bias = Dimension("DC_Offset", "V", known.bias())
    with h5py.File(folder / "beps_other_names.h5", "w") as file:
        raw(channel(file), loop(), [Dimension("Freq", "Hz", known.FREQUENCY), Dimension("Bias", "V", known.bias())])
    with h5py.File(folder / "beps_labels_on_indices_only.h5", "w") as file:
        raw(channel(file), loop(), [frequency(), bias])
        for kind in ("Position", "Spectroscopic"):
            for attribute in ("labels", "units"):
                del file[f"Measurement_000/Channel_000/{kind}_Values"].attrs[attribute]
    with h5py.File(folder / "beps_without_units.h5", "w") as file:
        raw(channel(file), loop(), [frequency(), bias])
        for kind in ("Position", "Spectroscopic"):
            for table in ("Indices", "Values"):
                del file[f"Measurement_000/Channel_000/{kind}_{table}"].attrs["units"]
    parts = np.zeros((PIXELS, 16 * known.BINS), dtype=[("real", np.float32), ("imag", np.float32)])
    parts["real"], parts["imag"] = loop().reshape(PIXELS, -1).real, loop().reshape(PIXELS, -1).imag
    with h5py.File(folder / "beps_real_and_imaginary.h5", "w") as file:
        raw(channel(file), parts, [frequency(), bias])
    with h5py.File(folder / "iv_map.h5", "w") as file:
        current = 1e-9 * known.loops(known.bias()) / known.SATURATION[:, None]
        at = channel(file, "IVData")
        usid.hdf_utils.write_main_dataset(
            at, current, "Raw_Data", "Current", "A", grid(), [Dimension("Bias", "V", known.bias())], **PACKED
        )


def bglib(folder):
    """Write what BGlib's own generator, fit of the resonance and projection of the loops write."""
    from BGlib.be.analysis import BELoopFitter, BESHOfitter
    from BGlib.be.translators import FakeBEPSGenerator, beps_data_generator
    from PIL import Image

    fitted = folder / "bglib_sho_fit.h5"
    with h5py.File(fitted, "w") as file:
        few, waveform = known.FREQUENCY, known.bias()
        raw(channel(file), loop(), [frequency(few), Dimension("DC_Offset", "V", waveform)])
    projected = folder / "bglib_projected_loops.h5"
    for path in (fitted, projected):
        if path == projected:
            projected.write_bytes(fitted.read_bytes())
        with h5py.File(path, "r+") as file:
            if path == fitted:
                fitter = BESHOfitter(
                    usid.USIDataset(file["Measurement_000/Channel_000/Raw_Data"]), cores=1, verbose=False
                )
                fitter.set_up_guess()
                fitter.do_guess(override=True)
                fitter.set_up_fit()
                fitter.do_fit(override=True)
            else:
                found = usid.USIDataset(file["Measurement_000/Channel_000/Raw_Data-SHO_Fit_000/Fit"])
                loops = BELoopFitter(found, "BEPSData", "DC modulation mode", "full", cores=1, verbose=False)
                loops.set_up_guess()
                loops.do_guess(override=True)
    with TemporaryDirectory() as images:  # of the coefficients; the package does not ship its own
        for number in range(11):
            picture = np.random.default_rng(number).integers(0, 255, (2 * known.ROWS, 2 * known.COLS), dtype=np.uint8)
            Image.fromarray(picture).save(f"{images}/{number + 1}.tif")
        made = f"{images}/generated.h5"
        beps_data_generator.float = np.float64  # it asks a float for its itemsize, which np.float had
        FakeBEPSGenerator().translate(made, n_steps=16, n_bins=12, image_folder=images, bin_factor=2)
        repacked(made, folder / "bglib_generated.h5")


def loop(waveform=None, bins=None):
    """Return the off-field spectra of a waveform, shape (pixels, spectral points)."""
    waveform = known.bias() if waveform is None else waveform
    return known.spectra(known.loops(waveform), known.FREQUENCY if bins is None else bins).reshape(PIXELS, -1)


def channel(file, data_type="BEPSData", **attributes):
    """Return a new channel of a new measurement, with the attributes that BGlib's translators write."""
    file.attrs.update(translator="ODF", data_type=data_type)
    measurement = usid.hdf_utils.create_indexed_group(file, "Measurement")
    measurement.attrs.update({"VS_mode": "DC modulation mode", "VS_cycle_fraction": "full"} | attributes)
    return usid.hdf_utils.create_indexed_group(measurement, "Channel")


def frequency(bins=None):
    """Return the dimension of the bins."""
    return Dimension("Frequency", "Hz", known.FREQUENCY if bins is None else bins)


def grid():
    """Return the dimensions of the map, X first."""
    return [
        Dimension("X", "m", known.PITCH * np.arange(known.COLS)),
        Dimension("Y", "m", known.PITCH * np.arange(known.ROWS)),
    ]


def raw(at, data, dimensions, positions=None, **options):
    """Write a main dataset; the dimensions are pyUSID's, or tables that are already written."""
    names = iter(["h5_pos_inds", "h5_pos_vals"] if isinstance(positions, tuple) else [])
    given = dict(zip(names, positions or (), strict=False))
    names = iter(["h5_spec_inds", "h5_spec_vals"] if isinstance(dimensions, tuple) else [])
    given |= dict(zip(names, dimensions, strict=False))
    of_positions = None if isinstance(positions, tuple) else (positions or grid())
    of_points = None if isinstance(dimensions, tuple) else dimensions
    data = data.reshape(len(data), -1)
    return usid.hdf_utils.write_main_dataset(
        at, data, "Raw_Data", "Piezoresponse", "V", of_positions, of_points, **given, **options, **PACKED
    )


def along(at, data, described, bins=None):
    """Write spectra along dimensions of which each has an index and a value of its own at every step."""
    bins = known.FREQUENCY if bins is None else bins
    steps = len(next(iter(described.values()))[1])
    labels, unit = ["Frequency", *described], ["Hz", *(each[0] for each in described.values())]
    indices = [np.tile(np.arange(len(bins)), steps), *(np.repeat(each[1], len(bins)) for each in described.values())]
    values = [np.tile(bins, steps), *(np.repeat(each[2], len(bins)) for each in described.values())]
    row, col = np.divmod(np.arange(PIXELS), known.COLS)
    places = tables(at, "Position", ["X", "Y"], ["m", "m"], [col, row], known.PITCH)
    raw(at, data, tables(at, "Spectroscopic", labels, unit, indices, values=values), places)


def tables(at, kind, labels, unit, indices, pitch=None, *, values=None):
    """Write the tables of indices and values, as BGlib's translator for its own files does."""
    indices = np.array(indices, dtype=np.uint32)
    values = np.array(indices * pitch if values is None else values, dtype=np.float32)
    written = []
    for name, table in (("Indices", indices), ("Values", values)):
        if kind == "Position":
            table = table.T
        data = at.create_dataset(f"{kind}_{name}", data=table, **PACKED)
        every = slice(None)
        parts = {
            label: (every, slice(n, n + 1)) if kind == "Position" else (slice(n, n + 1), every)
            for n, label in enumerate(labels)
        }
        write_region_references(data, parts, add_labels_attr=True)
        write_simple_attrs(data, {"units": unit})
        written.append(data)
    return tuple(written)


def repacked(source, target):
    """Copy a file with its datasets packed; references become those of the copy."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        new.attrs.update(old.attrs)
        old.visititems(lambda name, each: copied(new, name, each))
        for name in list_of(old):
            for key, value in old[name].attrs.items():
                new[name].attrs[key] = new[old[value].name].ref if isinstance(value, h5py.Reference) else value


def list_of(file):
    """Return the names of everything in a file."""
    names = []
    file.visit(names.append)
    return names


def copied(new, name, each):
    """Copy one group or dataset without its attributes."""
    if isinstance(each, h5py.Group):
        new.require_group(name)
    else:
        new.create_dataset(name, data=each[()], **PACKED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
