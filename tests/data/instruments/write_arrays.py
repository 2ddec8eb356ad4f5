"""Write the arrays and tables of this folder with numpy, scipy and pandas.

In tests/data: ``python -m instruments.write_arrays <folder>``.
Pins: numpy 2.4.6, scipy 1.17.1, pandas 3.1.1 with Python 3.11.
"""

import sys
from pathlib import Path

import numpy as np
from instruments import known


def main(folder):
    """Write every file."""
    import pandas as pd
    from scipy.io import savemat

    folder.mkdir(exist_ok=True)
    waveform = known.bias()
    loops = known.loops(waveform)
    frequency = known.resonances(loops) / 1e3
    on_map = loops.reshape(known.ROWS, known.COLS, -1)
    np.save(folder / "loops_flat.npy", loops)
    np.save(folder / "loops_map.npy", on_map)
    np.save(folder / "loops_two_channels.npy", np.stack([on_map, frequency.reshape(on_map.shape)], axis=-1))
    np.save(folder / "bias.npy", waveform)
    np.savez_compressed(
        folder / "loops.npz", piezoresponse=on_map, resonance=frequency.reshape(on_map.shape), bias=waveform
    )
    savemat(folder / "loops.mat", {"piezoresponse": on_map, "bias": waveform}, do_compression=True)
    row, col = np.divmod(np.arange(len(loops)), known.COLS)
    wide = pd.DataFrame(loops, columns=[f"{volt:g} V, step {step}" for step, volt in enumerate(waveform)])
    wide.insert(0, "x (um)", col * known.PITCH * 1e6)
    wide.insert(1, "y (um)", row * known.PITCH * 1e6)
    wide.to_csv(folder / "loops_wide.csv", index=False)
    one = pd.DataFrame(loops.T, columns=[f"pixel {number}" for number in range(len(loops))])
    one.insert(0, "bias (V)", waveform)
    one.to_csv(folder / "loops_in_columns.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
