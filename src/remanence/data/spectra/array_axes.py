"""Which axis of an array of spectra is what, told by its shape and by the number of values of its axis."""

from remanence.errors import DataError

FEW_CHANNELS = 4
"""Largest last axis of (pixels, steps, channels) that is taken for channels where no axis of known length decides."""


def steps_axis(sizes: tuple[int, ...], length: int | None, where: str) -> tuple[int, str]:
    """Return the number of the array's axis that counts the steps, and what all its axes are, in words.

    Args:
        sizes: shape of the array.
        length: number of values of the axis that is known; None if none is.
        where: file and array, for messages.

    Raises:
        DataError: if the array has no such axes.

    >>> steps_axis((12, 14, 61), 61, "map.npz"), steps_axis((61, 12, 14), 61, "map.npz")
    ((2, 'rows, columns, steps'), (0, 'steps, rows, columns'))
    """
    if not 2 <= len(sizes) <= 4:
        raise DataError(
            f"{where} has the shape {sizes}; expected (pixels, steps), (rows, columns, steps) or one more, of channels"
        )
    last = len(sizes) - 1
    order = {2: [1, 0], 3: [2, 1, 0], 4: [2, 3, 0]}[len(sizes)]
    if length is None or length == 2:
        few = len(sizes) == 3 and sizes[2] <= FEW_CHANNELS < sizes[1]
        steps = 1 if few else order[0]
    else:
        fitting = [number for number in order if sizes[number] == length]
        if not fitting:
            raise DataError(f"{where} has the shape {sizes}; none of its axes has the {length} values of data.axis")
        steps = fitting[0]
    names = {
        (2, 1): "pixels, steps",
        (2, 0): "steps, pixels",
        (3, 2): "rows, columns, steps",
        (3, 1): "pixels, steps, channels",
        (3, 0): "steps, rows, columns",
        (4, 2): "rows, columns, steps, channels",
        (4, 3): "rows, columns, channels, steps",
        (4, 0): "steps, channels, rows, columns",
    }
    return steps, names[last + 1, steps]
