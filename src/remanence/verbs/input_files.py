"""Input files of a verb: ``input=`` once or several times, each a file or a pattern such as ``scan*.h5``."""

from collections.abc import Sequence
from glob import glob
from pathlib import Path

from remanence.errors import DataError

INPUT = "input="


def take_inputs(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments that name inputs, and the others.

    A shell that expands ``input=scan*.h5`` itself leaves ``input=scan1.h5 input=scan2.h5``; most leave the pattern.
    """
    named = [argument for argument in arguments if argument.startswith(INPUT)]
    return named, [argument for argument in arguments if not argument.startswith(INPUT)]


def input_files(verb: str, named: Sequence[str]) -> list[str]:
    """Return the files that arguments ``input=…`` name, those of a pattern in the order of their names.

    A file whose own name looks like a pattern is that file.

    Raises:
        DataError: if a pattern matches nothing, or a file is named twice.
    """
    files: list[str] = []
    for argument in named:
        pattern = argument.removeprefix(INPUT)
        if Path(pattern).exists() or not set("*?[") & set(pattern):
            files.append(pattern)
            continue
        found = sorted(glob(pattern))
        if not found:
            raise DataError(f"{pattern}: no file matches")
        files += found
    for number, file in enumerate(files):
        if file in files[:number]:
            raise DataError(f"{verb}: input={file} is named twice")
    return files
