"""Running trials as tasks of a Ray cluster.

We do not use hydra-ray-launcher, because it requires cloudpickle below 3 and a cloud client; this module does the part
of it that we need.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.compose import bare, literal

TRAVELS = ("REMANENCE_", "MLFLOW_", "OMP_", "AWS_")
"""Beginnings of the environment variables that a trial on another machine needs: addresses and secrets.

They are passed as arguments of the task, because Ray writes the environment that it sets up for tasks into its logs."""


class TrialsOnRay(Launcher):
    """Launcher of ``conf/hydra/launcher/ray.yaml``.

    Args:
        address: address of a running cluster, or ``auto``; None starts a cluster on this machine.
        num_cpus: number of CPUs that a trial takes.
        num_gpus: number of GPUs that a trial takes.
    """

    def __init__(self, address: str | None, num_cpus: float, num_gpus: float) -> None:
        self.address, self.resources = address, {"num_cpus": num_cpus, "num_gpus": num_gpus}

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Store what Hydra passes to a launcher."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> list[JobReturn]:
        """Run the jobs, and return their results in the order of the jobs."""
        import ray

        if not ray.is_initialized():
            ray.init(address=self.address, include_dashboard=False, configure_logging=False, log_to_driver=True)
        remote: Any = ray.remote(max_retries=0, **self.resources)(_run)  # type: ignore[call-overload]
        variables = {key: value for key, value in os.environ.items() if key.startswith(TRAVELS)}
        given = (variables, os.getcwd())
        tasks = [remote.remote(self.task_function, self._compose(overrides), *given) for overrides in job_overrides]
        return [_answer(task) for task in tasks]

    def _compose(self, overrides: Sequence[str]) -> dict[str, Any]:
        cfg = bare(self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides)))
        return OmegaConf.to_container(cfg, resolve=True)  # type: ignore[return-value]


def _run(work: TaskFunction, cfg: dict[str, Any], variables: Mapping[str, str], folder: str) -> Any:
    os.environ.update(variables)
    if os.path.isdir(folder):  # relative paths in the configuration refer to this folder
        os.chdir(folder)
    return work(literal(cfg))


def _answer(task: Any) -> JobReturn:
    import ray

    returned = JobReturn()
    try:
        returned.status, returned.return_value = JobStatus.COMPLETED, ray.get(task)
    except ray.exceptions.RayError as error:  # for example, the process of the task died
        returned.status, returned.return_value = JobStatus.FAILED, error
    return returned
