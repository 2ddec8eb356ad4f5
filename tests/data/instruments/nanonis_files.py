"""Files of Nanonis, written byte by byte to the description of the format: a grid of spectra, and images."""

import numpy as np

SPECTRA = np.arange(3 * 2 * 2 * 4, dtype=np.float32).reshape(3, 2, 2, 4)
"""3 rows, 2 columns, 2 channels, 4 points."""
IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)
"""3 rows, the lowest first, and 4 columns."""


def write_3ds(path, *, measured=6, positions=True, header=()):
    """Write a grid of 2 x 3 points, of which the first ``measured`` were measured."""
    names = "X (m);Y (m);Z (m)" if positions else "Z (m)"
    lines = {
        "Grid dim": '"2 x 3"',
        "Grid settings": "0;0;2e-9;4e-9;0",
        "Sweep Signal": '"Bias (V)"',
        "Fixed parameters": '"Sweep Start;Sweep End"',
        "Experiment parameters": f'"{names}"',
        "# Parameters (4 byte)": str(2 + len(names.split(";"))),
        "Experiment size (bytes)": "32",
        "Points": "4",
        "Channels": '"Current (A);Current [bwd] (A)"',
    } | dict(header)
    text = "".join(f"{key}={value}\r\n" for key, value in lines.items() if value is not None) + ":HEADER_END:\r\n"
    records = b""
    for point in range(measured):
        row, col = divmod(point, 2)
        place = [1e-9 * col, 2e-9 * row] if positions else []
        records += np.array([-1, 2, *place, 0, *SPECTRA[row, col].ravel()], dtype=">f4").tobytes()
    path.write_bytes(text.encode() + records)
    return path


def write_sxm(path, *, direction="up", lines=3, header=()):
    """Write forward and backward images as the microscope scans them: line by line, backward ones from the right."""
    table = "\tChannel\tName\tUnit\tDirection\tCalibration\tOffset\n\t14\tZ\tm\tboth\t1E-9\t0\n\n"
    parts = {
        "NANONIS_VERSION": "2\n",
        "SCAN_PIXELS": "4\t3\n",
        "SCAN_RANGE": "4E-9\t3E-9\n",
        "SCAN_OFFSET": "1E-9\t0\n",
        "SCAN_DIR": f"{direction}\n",
        "DATA_INFO": table,
    } | dict(header)
    text = "".join(f":{key}:\n{value}" for key, value in parts.items() if value is not None)
    scanned = IMAGE if direction == "up" else IMAGE[::-1]
    values = b"".join(image.astype(">f4").tobytes() for image in (scanned, 10 + scanned[:, ::-1]))
    values = values[: len(values) - 4 * 4 * (3 - lines)]
    path.write_bytes(text.encode() + b":SCANIT_END:\n\n\n\x1a\x04" + values)
    return path
