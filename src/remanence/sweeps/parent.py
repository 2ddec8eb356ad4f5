"""The parent run that groups the runs of one sweep in the MLflow UI."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlflow.utils.time import get_current_time_millis

from remanence.tracking.address import tracking_uri, without_secrets
from remanence.tracking.database import connect, open_experiment
from remanence.tracking.limits import RUN_NAME_LENGTH
from remanence.tracking.run import Run, lifecycle
from remanence.tracking.start import configuration_name, provenance_tags


@contextmanager
def parent_run(cfg: Mapping[str, Any], arguments: Sequence[str]) -> Iterator[Run]:
    """Create the parent and own its status.

    Args:
        cfg: resolved configuration of one of the jobs.
        arguments: the overrides of the sweep, as typed.
    """
    outputs = Path(cfg["paths"]["outputs"])
    uri = tracking_uri(cfg["tracking"]["uri"], outputs)
    client = connect(uri)
    config = configuration_name(cfg)
    paper = config.split("/")[0]
    experiment = open_experiment(client, uri, paper, outputs)
    tags = {
        "remanence.kind": "sweep",
        "remanence.config": config,
        "remanence.paper": paper,
        **provenance_tags(),
        **cfg["tracking"]["tags"],
    }
    arguments = [without_secrets(argument) for argument in arguments]
    swept = " ".join(argument for argument in arguments if "," in argument) or "single"
    created = client.create_run(
        experiment, start_time=get_current_time_millis(), run_name=f"sweep {swept}"[:RUN_NAME_LENGTH], tags=tags
    )
    run = Run(client, created.info.run_id, uri=without_secrets(uri), outputs=outputs)
    client.set_tag(run.id, "remanence.sweep", run.id)  # its runs bear the same, so that one filter finds them all
    with lifecycle(run):
        run.log_text("\n".join(arguments) + "\n", "sweep.txt")
        yield run
