"""``remanence predict run=<id> input=… output=…``: write a table with predictions, or latents and loops of scans."""

from collections.abc import Sequence

from remanence.data.output_file import check_output
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.studies.kind import AppliedToSeveral
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments
from remanence.verbs.input_files import input_files, take_inputs


def main(arguments: list[str]) -> int:
    """Write predictions for the rows of a table (``<target>_predicted`` and its interval) or the pixels of scans."""
    named, rest = take_inputs(arguments)
    given = read_arguments("predict", [*named[:1], *rest], required=["run", "input", "output"], group="data")
    changes = [f"{key}={value}" for key, value in given.items() if key.startswith("data.")]
    inputs = input_files("predict", named)
    number = predict(given["run"], inputs, given["output"], changes, uri=given.get(ADDRESS))
    of = f" from {len(inputs)} files" if len(inputs) > 1 else ""
    console.print(f"{number} predicted{of}, written to {given['output']}")
    return 0


def predict(
    wanted: str, inputs: Sequence[str], output_path: str, changes: Sequence[str] = (), *, uri: str | None = None
) -> int:
    """Write the rows or pixels of files with their predictions and return how many there are.

    Args:
        wanted: id or name of the run, or the address of a registered model.
        inputs: path of a table with the model's features, or paths of scans like the run's.
        output_path: path of the output. For a table, the ending names the format; for scans, the format is HDF5.
        changes: overrides for reading a scan, such as ``data.cycle=0``.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if the run or its model cannot be found, or takes one file at a time.
        DataError: if the table lacks a column, has it in another unit, or has a bad cell; if a scan is of another
            instrument; if the output cannot be written.
    """
    check_output(output_path, inputs=inputs)
    with importing():
        from remanence.studies.own_data import own_files
        from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    check_output(output_path, inputs=own_files(run), what=f"data of run {run.id}")
    applied = apply(run)
    if len(inputs) == 1:
        return applied.predict_file(inputs[0], output_path, changes)
    if not isinstance(applied, AppliedToSeveral):
        raise ConfigurationError(f"predict: input= names {len(inputs)} files; the model of run {run.id} takes one")
    return applied.predict_files(inputs, output_path, changes)
