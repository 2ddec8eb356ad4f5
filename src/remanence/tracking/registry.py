"""MLflow's model registry: names for the models that runs logged, with versions and aliases."""

import re
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from remanence.errors import ConfigurationError
from remanence.tracking.client import RunClient
from remanence.tracking.created_once import created_once

SCHEME = "models:/"


@dataclass(frozen=True)
class Registered:
    """A version of a registered model."""

    name: str
    version: int
    alias: str | None

    @property
    def address(self) -> str:
        """Address that MLflow and ``run=`` of the other verbs accept; it uses the alias if there is one."""
        return f"{SCHEME}{self.name}@{self.alias}" if self.alias else f"{SCHEME}{self.name}/{self.version}"


def register_run(client: MlflowClient | RunClient, run_id: str, name: str, alias: str | None) -> Registered:
    """Register the model that a run logged; if the run already has a version under ``name``, that version is used.

    Args:
        client: client of the run's database.
        run_id: id of a finished run.
        name: name of the registered model; it is created if it is new.
        alias: alias for the version, which is taken away from any other version; None leaves the aliases as they are.

    Raises:
        ConfigurationError: if the run is not finished or logged no model, or the name or the alias is refused.
    """
    _check(name, alias)
    run = client.get_run(run_id)
    if run.info.status != "FINISHED":
        raise ConfigurationError(
            f"register: run {run_id} is {run.info.status}; only a finished run has its final model"
        )
    logged = [output.model_id for output in run.outputs.model_outputs] if run.outputs else []
    if not logged:
        raise ConfigurationError(f"register: run {run_id} has no logged model: it was pruned, or is a sweep")
    try:
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        versions = _versions(client, name, run_id)
        if not versions:
            # a run that was stopped after it had logged its model, and then resumed, has several models: take the last
            model = max(logged, key=lambda model: client.get_logged_model(model).creation_timestamp)
            versions = [
                created_once(
                    lambda: client.create_model_version(name, f"{SCHEME}{model}", run_id=run_id, model_id=model),
                    lambda: next(iter(_versions(client, name, run_id)), None),
                )
            ]
        if alias is not None:
            client.set_registered_model_alias(name, alias, versions[0].version)
    except MlflowException as error:
        raise ConfigurationError(f"register: {str(error.message).splitlines()[0]}") from error
    return Registered(name, int(versions[0].version), alias)


def _versions(client: MlflowClient | RunClient, name: str, run_id: str) -> list[ModelVersion]:
    """Return the versions of a registered model that are of one run."""
    return [known for known in client.search_model_versions(f"name = '{name}'") if known.run_id == run_id]


def registered_run(client: MlflowClient, address: str) -> str:
    """Return the id of the run that logged the model ``models:/<name>@<alias>`` or ``models:/<name>/<version>``.

    Raises:
        ConfigurationError: if the address has neither form, if there is no such model, or if no run logged it.
    """
    parts = re.fullmatch(r"models:/([^/@]+)(?:@([^/@]+)|/(\d+))", address)
    if parts is None:
        raise ConfigurationError(f"run: expected models:/<name>@<alias> or models:/<name>/<version>, got '{address}'")
    name, alias, version = parts.groups()
    try:
        found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
    except MlflowException as error:
        raise ConfigurationError(f"run: no model '{address}'; {_known(client, name)}") from error
    if not found.run_id:
        raise ConfigurationError(f"run: '{address}' was not registered from a run")
    return str(found.run_id)


def _known(client: MlflowClient, name: str) -> str:
    """Return a message that lists the names, or the versions and aliases of ``name``, that the registry holds."""
    models = {model.name: model for model in client.search_registered_models()}
    if name not in models:
        return f"registered are: {', '.join(models) or 'none'}"
    versions = sorted(int(version.version) for version in client.search_model_versions(f"name = '{name}'"))
    has = [*map(str, versions), *(f"@{alias}" for alias in sorted(models[name].aliases))]
    return f"'{name}' has: {', '.join(has)}"


def _check(name: str, alias: str | None) -> None:
    if not re.fullmatch(r"[\w\-. ]*\w[\w\-. ]*", name):  # characters that MLflow's addresses and filters can hold
        raise ConfigurationError(f"register: name: expected letters, digits, '-', '_', '.' and blanks, got '{name}'")
    if alias is not None and (not re.fullmatch(r"[\w\-]+", alias) or re.fullmatch(r"(?i)latest|v\d+", alias)):
        raise ConfigurationError(
            f"register: alias: expected letters, digits, '-' and '_', not 'latest' or 'v1', got '{alias}'"
        )
