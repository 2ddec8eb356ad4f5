"""``remanence predict run=<id> input=… output=…``: a table with predictions, or latents and loops of a scan."""

from collections.abc import Sequence
from pathlib import Path

from remanence.arguments import check_changes, read_arguments
from remanence.data.declared_units import read_declared
from remanence.data.table_file import write_table
from remanence.errors import DataError
from remanence.terminal import console


def main(arguments: list[str]) -> int:
    """Predict a table's rows, written with ``<target>_predicted`` columns, or a scan's pixels, written as HDF5."""
    given = read_arguments("predict", arguments, required=["run", "input", "output"], group="data")
    changes = [f"{key}={value}" for key, value in given.items() if key.startswith("data.")]
    number = predict(given["run"], given["input"], given["output"], changes)
    console.print(f"{number} predicted, written to {given['output']}")
    return 0


def predict(wanted: str, input_path: str, output_path: str, changes: Sequence[str] = ()) -> int:
    """Write the rows or pixels of ``input_path`` with their predictions and return how many there are.

    Args:
        wanted: id or name of the run, or the address of a registered model.
        input_path: a table with the model's features, or a scan like the run's.
        output_path: of a table by its ending, of a scan HDF5.
        changes: overrides for reading a scan, such as ``data.cycle=0``.

    Raises:
        ConfigurationError: if the run or its model is not there.
        DataError: if the table lacks a column, has it in another unit, or has a bad cell; if the scan is of another
            instrument; if the output cannot be written.
    """
    if Path(input_path).resolve() == Path(output_path).resolve():
        raise DataError(f"output: {output_path} is the input, which would be lost")
    from remanence.tracking.search import open_run, stored_config

    client, run_id = open_run(wanted)  # an unknown run is answered before torch is imported
    from remanence.tracking.logged_chain import ChainModel
    from remanence.tracking.logged_model import TableModel, load_logged_model
    from remanence.tracking.logged_spectra import SpectralModel

    loaded = load_logged_model(run_id)
    check_changes("predict", changes, of_spectra=isinstance(loaded, SpectralModel), has_file=True)
    if isinstance(loaded, ChainModel):
        from remanence.studies.nested.apply import predict_chain

        return predict_chain(loaded, input_path, output_path)
    if not isinstance(loaded, TableModel):
        from remanence.studies.unmixing.apply import predict_spectra

        return predict_spectra(loaded, stored_config(client, run_id), input_path, output_path, list(changes))
    frame = read_declared(input_path, loaded.columns.features, loaded.columns.units)
    predicted = loaded.predict(frame, source=input_path)
    for target in loaded.columns.targets:
        name = f"{target}_predicted"
        if name in frame.columns:
            raise DataError(f"{input_path}: already has a column '{name}'; rename it")
        frame[name] = predicted[target]
    write_table(frame, output_path)
    return len(frame)
