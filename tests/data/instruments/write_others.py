"""Write files of other programs.

In tests/data: ``python -m instruments.write_others <folder>``.
Pins: igorwriter 0.7.1, hyperspy 2.5.0, nexusformat 2.1.0, gwyfile 0.3.0, numpy 2.4.6 with Python 3.11.
"""

import sys
from pathlib import Path

import numpy as np
from instruments import known

SIZE = 2e-6
"""Width of the image of Asylum Research, m; it is half as high."""
HEIGHT = np.arange(15, dtype=np.float32).reshape(3, 5) * 1e-9
"""Image of 3 lines of 5 points, m."""
SAMPLES = 1e-3
"""Time from a point of the curve to the next, s."""


def main(folder):
    """Write every file."""
    folder.mkdir(exist_ok=True)
    igor(folder)
    on_map = known.loops(known.bias()).reshape(known.ROWS, known.COLS, -1)
    hyperspy(folder, on_map)
    nexus(folder, on_map)
    gwyddion(folder)


def igor(folder):
    """Write an image of two channels, a curve of two channels, and a volume of loops."""
    from igorwriter import IgorWave5

    wave = IgorWave5(np.stack([HEIGHT.T, 1e3 * HEIGHT.T], axis=-1), name="Image0000")  # Igor's first dimension is X
    wave.set_note(f"FastScanSize: {SIZE}\rSlowScanSize: {SIZE / 2}\rScanPoints: 5\rScanLines: 3\r")
    wave.set_dimlabel(2, -1, "Channels")
    wave.set_dimlabel(2, 0, "HeightRetrace")
    wave.set_dimlabel(2, 1, "PhaseRetrace")
    wave.set_datascale("m")
    wave.save(folder / "igor_image.ibw")
    waveform = known.bias()
    wave = IgorWave5(np.stack([waveform, known.loops(waveform)[0]], axis=-1), name="Curve0000")
    wave.set_dimscale("x", 0, SAMPLES, "s")
    wave.set_dimlabel(1, 0, "Bias")
    wave.set_dimlabel(1, 1, "Defl")
    wave.save(folder / "igor_curve.ibw")
    volume = known.loops(np.linspace(-16, 16, 17)).reshape(known.ROWS, known.COLS, -1)
    wave = IgorWave5(volume.swapaxes(0, 1), name="Volume")
    for axis, unit, first, step in (("x", "m", 0, known.PITCH), ("y", "m", 0, known.PITCH), ("z", "V", -16, 2)):
        wave.set_dimscale(axis, first, step, unit)
    wave.set_datascale("V")
    wave.save(folder / "igor_volume.ibw")


def hyperspy(folder, on_map):
    """Write loops as a signal of HyperSpy."""
    import hyperspy.api as hs

    signal = hs.signals.Signal1D(on_map)
    axis = signal.axes_manager.signal_axes[0]
    axis.name, axis.units = "Bias step", "V"
    signal.save(folder / "hyperspy_loops.hspy", overwrite=True)


def nexus(folder, on_map):
    """Write loops as NXdata."""
    from nexusformat.nexus import NXdata, NXentry, NXfield, NXroot

    axes = [NXfield(np.arange(size), name=name) for name, size in zip("yx", on_map.shape[:2], strict=True)]
    data = NXdata(NXfield(on_map, name="loops", units="V"), [*axes, NXfield(known.bias(), name="bias", units="V")])
    NXroot(NXentry(data)).save(folder / "nexus_loops.nxs", mode="w")


def gwyddion(folder):
    """Write a height image of Gwyddion."""
    from gwyfile.objects import GwyContainer, GwyDataField, GwySIUnit

    metre = GwySIUnit(unitstr="m")
    field = GwyDataField(HEIGHT.astype(float), xreal=SIZE, yreal=SIZE / 2, xoff=1e-6, si_unit_xy=metre, si_unit_z=metre)
    container = GwyContainer({"/0/data/title": "Height", "/0/data": field})
    container.tofile(str(folder / "gwyddion_height.gwy"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
