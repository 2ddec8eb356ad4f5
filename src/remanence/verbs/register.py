"""``remanence register run=<id> name=toy-vae alias=champion``: a name for the model of a run."""

from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, read_arguments


def main(arguments: list[str]) -> int:
    """Register the logged model of a run, and print the address by which other verbs and MLflow find it."""
    given = read_arguments("register", arguments, required=["run", "name"], optional=["alias"])
    with importing():
        from remanence.tracking.open_run import open_run
        from remanence.tracking.registry import register_run

    run = open_run(given["run"], given.get(ADDRESS), to_change=True)
    registered = register_run(run.client, run.id, given["name"], given.get("alias"))
    console.print(f"run      {run.id}")
    console.print(f"model    {registered.name}, version {registered.version}")
    if registered.alias is not None:
        console.print(f"alias    {registered.alias}")
    console.print(f"address  {registered.address}")
    return 0
