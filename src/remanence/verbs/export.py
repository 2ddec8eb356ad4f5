"""``remanence export run=<id> output=<new folder>``: the model of a run, to be loaded without MLflow."""

from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, named_first, read_arguments


def main(arguments: list[str]) -> int:
    """Write the model of a run into a new folder."""
    given = read_arguments("export", named_first(arguments, run="", output=""), required=["run", "output"])
    with importing():
        from remanence.reproduction.exported_model import export_model
        from remanence.tracking.open_run import open_run

    run = open_run(given["run"], given.get(ADDRESS))
    folder = export_model(run, given["output"])
    console.print(f"the model of run {run.id} is in {folder}; its README.md has the lines that load it")
    return 0
