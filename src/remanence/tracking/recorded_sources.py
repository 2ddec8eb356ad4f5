"""What a run has read, as its dataset inputs in MLflow tell."""

from collections.abc import Iterator
from typing import Any

import yaml
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.entities import Run as MlflowRun

from remanence.data.source import Source
from remanence.tracking.limits import DIGEST_LENGTH, INPUT_TAG_LENGTH

LOCATION_TAG = "remanence.location"
"""Tag of a dataset input with the place where this run has read it. MLflow (3.17.2) keeps one dataset for all files of
an experiment that have the same name and digest, and its source is that of the run that read it first."""


def dataset_input(source: Source) -> DatasetInput:
    """Return a source as a dataset input of a run."""
    dataset = Dataset(
        name=source.name,
        digest=source.digest[:DIGEST_LENGTH],
        source_type=source.kind,
        source=yaml.safe_dump({"location": source.location, "sha256": source.digest}),
    )
    tags = [InputTag("mlflow.data.context", "training")]
    if len(source.location) <= INPUT_TAG_LENGTH:
        tags.append(InputTag(LOCATION_TAG, source.location))
    return DatasetInput(dataset, tags=tags)


def recorded_sources(found: MlflowRun) -> Iterator[Source]:
    """Yield everything that a run has read; digests are whole SHA-256 where the run has stored them whole."""
    for entry in found.inputs.dataset_inputs:
        described: Any = yaml.safe_load(entry.dataset.source)
        known = described if isinstance(described, dict) else {}
        tags = {tag.key: tag.value for tag in entry.tags}
        location = str(tags.get(LOCATION_TAG, known.get("location", "")))
        digest = str(known.get("sha256", entry.dataset.digest))
        yield Source(str(entry.dataset.name), location, digest, str(entry.dataset.source_type))
