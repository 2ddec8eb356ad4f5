"""A run as one file: a zipped RO-Crate with all that is needed to make the run again, and what it has found."""

import json
import re
import zipfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import yaml

from remanence import __version__
from remanence.data.output_file import check_output, writing
from remanence.errors import ConfigurationError
from remanence.reproduction.contents import Told, data_read, logged, metrics_file
from remanence.reproduction.crate import METADATA, Action, BundledData, BundledFile, crate
from remanence.studies.run import STACK_TAG
from remanence.tracking.comparison import outcome
from remanence.tracking.run import Run
from remanence.tracking.version import VERSION

FILE = "bundle.json"
"""What ``remanence reproduce`` reads of a bundle."""
LICENCE = re.compile(r"[A-Za-z0-9.+-]+|https?://\S+")
COMMIT_TAG = "mlflow.source.git.commit"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Time of the files in the archive, so that two bundles of a run are equal byte for byte."""


def write_bundle(run: Run, output: str, *, include: bool, licence: str | None) -> Told:
    """Write the bundle of a finished run, whole or not at all, and return lines about what is not in it.

    Args:
        run: the run.
        output: path of the new file, which ends with ``.zip``.
        include: whether the run's own data go into the bundle.
        licence: licence of the bundle, an SPDX identifier or an address.

    Raises:
        ConfigurationError: if the run has not finished, or is a sweep, or files of it are gone.
        DataError: if the file cannot be written.
    """
    check_finished("bundle", run)
    if licence is not None and not LICENCE.fullmatch(licence):
        raise ConfigurationError(
            f"licence: expected an SPDX identifier such as CC-BY-4.0, or an address, got '{licence}'"
        )
    data, own, told = data_read(run, include=include)
    check_output(output, [".zip"], [each.location for each in data if each.kind == "local"], what="data of the run")
    action = _action(run)
    files = [
        *logged(run),
        metrics_file(run),
        *own,
        BundledFile(FILE, _described(run, data), "what remanence reproduces the run from", is_result=False),
        BundledFile("README.md", _readme(action, data).encode(), "what is in this bundle"),
        BundledFile("CITATION.cff", _citation(action, licence).encode(), "how to cite this run"),
    ]
    description = json.dumps(crate(action, files, data, licence), indent=2, ensure_ascii=False)
    with writing(output) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(_entry(METADATA), f"{description}\n")
        for file in files:
            content = file.source if isinstance(file.source, bytes) else None
            if content is not None:
                packed.writestr(_entry(file.name), content)
            else:
                assert isinstance(file.source, Path)
                with file.source.open("rb") as source, packed.open(_entry(file.name, file.size), "w") as target:
                    while block := source.read(1 << 20):
                        target.write(block)
    return told


def check_finished(verb: str, run: Run) -> None:
    """Refuse a run that has no final metrics.

    Raises:
        ConfigurationError: if the run is a sweep, or has not finished.
    """
    if run.found.data.tags.get("remanence.kind") == "sweep":
        raise ConfigurationError(f"{verb}: run {run.id} is a sweep; one of its trials is wanted")
    if (state := outcome(run.found)) != "FINISHED":
        raise ConfigurationError(f"{verb}: run {run.id} is {state}; a run that has finished is wanted")


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.compress_type, entry.external_attr, entry.file_size = zipfile.ZIP_DEFLATED, 0o644 << 16, size
    return entry


def _action(run: Run) -> Action:
    tags, info = run.found.data.tags, run.found.info
    began = info.start_time
    ended = info.end_time if info.end_time is not None else began
    model, data = tags.get("remanence.model", "a model"), tags.get("remanence.data", "its data")
    about = f"{tags.get('remanence.config', 'a run')}: {model} on {data}, trained, tested and logged by remanence"
    return Action(
        run_id=run.id,
        name=run.name,
        description=about,
        began=datetime.fromtimestamp(began / 1000, UTC),
        ended=datetime.fromtimestamp(ended / 1000, UTC),
        command=tags.get("mlflow.source.name", "unknown"),
        user=tags.get("mlflow.user", "unknown"),
        version=tags.get("remanence.version", __version__),
        commit=tags.get(COMMIT_TAG),
    )


def _described(run: Run, data: list[BundledData]) -> bytes:
    tags = run.found.data.tags
    described: dict[str, Any] = {
        "schema_version": VERSION,
        "run": run.id,
        "name": run.name,
        "commit": tags.get(COMMIT_TAG),
        "stack": tags.get(STACK_TAG),
        "data": [asdict(each) for each in data],
        "metrics": dict(sorted(run.found.data.metrics.items())),
    }
    return (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()


def _readme(action: Action, data: list[BundledData]) -> str:
    read = "\n".join(f"| {each.name} | {_whereabouts(each)} | `{each.sha256}` |" for each in data)
    return f"""# {action.name}

{action.description}. Run {action.run_id}, finished {action.ended.date().isoformat()}.

```
{action.command}
```

`{METADATA}` describes every file of this bundle (RO-Crate 1.1). remanence makes the run again and compares its metrics.
It was made with version {action.version}; {_install(action.version)}.

```
remanence reproduce bundle=<this file>
```

| data | where | SHA-256 |
|---|---|---|
{read}
"""


def _install(version: str) -> str:
    """Return how remanence is installed, with its addresses if the package has any."""
    found = metadata("remanence").get_all("Project-URL") or []
    where = "".join(f", {address}" for _, _, address in (entry.partition(", ") for entry in found))
    return (
        f"with Python 3.11 or later, its wheel (`remanence-{version}-py3-none-any.whl`) or the folder of its source is "
        f"installed by pip{where}"
    )


def _whereabouts(data: BundledData) -> str:
    if data.kind == "simulated":
        return "simulated by the run"
    return data.file or data.address or "not here: data.path=<file> or data.dir=<folder> names it"


def _citation(action: Action, licence: str | None) -> str:
    stated = {} if licence is None else {"license-url" if "://" in licence else "license": licence}
    cited: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this run, please cite it and remanence.",
        "type": "dataset",
        "title": f"{action.name}: {action.description}",
        "authors": [{"name": action.user}],
        "date-released": action.ended.date().isoformat(),
        "identifiers": [{"type": "other", "value": action.run_id, "description": "id of the run"}],
        **stated,
        "references": [
            {
                "type": "software",
                "title": "remanence: tracked, composable, reproducible machine learning for functional materials",
                "version": action.version,
                "license": "BSD-3-Clause",
                "authors": [{"name": "The remanence developers"}],
            }
        ],
    }
    return str(yaml.safe_dump(cited, sort_keys=False, allow_unicode=True))
