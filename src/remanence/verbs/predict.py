"""``remanence predict run=<id> input=… output=…``: write a table with predictions, or latents and loops of a scan."""

from collections.abc import Sequence

from remanence.data.output_file import check_output
from remanence.foundation.terminal import console
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments


def main(arguments: list[str]) -> int:
    """Write predictions for the rows of a table (``<target>_predicted`` and its interval) or the pixels of a scan."""
    given = read_arguments("predict", arguments, required=["run", "input", "output"], group="data")
    changes = [f"{key}={value}" for key, value in given.items() if key.startswith("data.")]
    number = predict(given["run"], given["input"], given["output"], changes, uri=given.get(ADDRESS))
    console.print(f"{number} predicted, written to {given['output']}")
    return 0


def predict(
    wanted: str, input_path: str, output_path: str, changes: Sequence[str] = (), *, uri: str | None = None
) -> int:
    """Write the rows or pixels of ``input_path`` with their predictions and return how many there are.

    Args:
        wanted: id or name of the run, or the address of a registered model.
        input_path: path of a table with the model's features, or of a scan like the run's.
        output_path: path of the output. For a table, the ending names the format; for a scan, the format is HDF5.
        changes: overrides for reading a scan, such as ``data.cycle=0``.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if the run or its model cannot be found.
        DataError: if the table lacks a column, has it in another unit, or has a bad cell; if the scan is of another
            instrument; if the output cannot be written.
    """
    check_output(output_path, inputs=[input_path])
    from remanence.studies.own_data import own_files
    from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    check_output(output_path, inputs=own_files(run), what=f"data of run {run.id}")
    return apply(run).predict_file(input_path, output_path, changes)
