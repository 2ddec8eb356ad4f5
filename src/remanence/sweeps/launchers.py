"""Opening the Hydra launcher that ``hydra/launcher`` names, if it can work on this machine."""

import shutil
from importlib.util import find_spec

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, flag_override

from remanence.errors import ConfigurationError


def open_launcher(hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> Launcher:
    """Create the launcher and set it up.

    Args:
        hydra_context: Hydra's context of the sweeper.
        task_function: function that runs a trial.
        config: Hydra's configuration of the sweeper.

    Raises:
        ConfigurationError: if a package or a program that the launcher needs is not installed.
    """
    match str(config.hydra.launcher._target_).rpartition(".")[2]:
        case "RayLauncher" if find_spec("ray") is None:
            raise ConfigurationError("hydra/launcher: ray is not installed; add the extra: remanence[ray]")
        case "SlurmLauncher" if shutil.which("srun") is None:
            raise ConfigurationError(
                "hydra/launcher: slurm needs srun and sbatch, which are not on this machine; start the sweep on a "
                "login node of the cluster, or leave hydra/launcher=slurm out"
            )
        case "JoblibLauncher" if config.hydra.launcher.n_jobs == -1:  # joblib's default is a process for each core
            with flag_override(config.hydra, "readonly", False):
                config.hydra.launcher.n_jobs = config.n_jobs
    return Plugins.instance().instantiate_launcher(
        hydra_context=hydra_context, task_function=task_function, config=config
    )
