"""``remanence predict run=<id> input=… output=…``: a table with predictions, or latents and loops of a scan."""

from remanence.arguments import read_arguments
from remanence.data.table_file import read_table, write_table
from remanence.errors import DataError
from remanence.terminal import console


def main(arguments: list[str]) -> int:
    """Predict a table's rows, written with ``<target>_predicted`` columns, or a scan's pixels, written as HDF5."""
    given = read_arguments("predict", arguments, required=["run", "input", "output"])
    number = predict(given["run"], given["input"], given["output"])
    console.print(f"{number} predicted, written to {given['output']}")
    return 0


def predict(wanted: str, input_path: str, output_path: str) -> int:
    """Write the rows or pixels of ``input_path`` with their predictions and return how many there are.

    Raises:
        ConfigurationError: if the run or its model is not there.
        DataError: if the table lacks a column, has a bad cell, or cannot be written.
    """
    from remanence.tracking.search import open_run, stored_config

    client, run_id = open_run(wanted)  # an unknown run is answered before torch is imported
    from remanence.tracking.logged_chain import ChainModel
    from remanence.tracking.logged_model import TableModel, load_logged_model

    loaded = load_logged_model(run_id)
    if isinstance(loaded, ChainModel):
        from remanence.studies.nested.apply import predict_chain

        return predict_chain(loaded, input_path, output_path)
    if not isinstance(loaded, TableModel):
        from remanence.studies.unmixing.apply import predict_spectra

        return predict_spectra(loaded, stored_config(client, run_id)["data"], input_path, output_path)
    frame = read_table(input_path, loaded.columns.features)
    predicted = loaded.predict(frame, source=input_path)
    for target in loaded.columns.targets:
        name = f"{target}_predicted"
        if name in frame.columns:
            raise DataError(f"{input_path}: already has a column '{name}'; rename it")
        frame[name] = predicted[target]
    write_table(frame, output_path)
    return len(frame)
