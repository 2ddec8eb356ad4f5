"""The launcher of Hydra that ``hydra/launcher`` names, if it can work on this machine."""

import shutil
from importlib.util import find_spec

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from remanence.errors import ConfigurationError

EXTRAS = {"JoblibLauncher": ("hydra_plugins.hydra_joblib_launcher", "joblib"), "RayLauncher": ("ray", "ray")}
"""Class of a launcher to the module that it needs and the extra which brings that."""


def open_launcher(hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> Launcher:
    """Return the launcher, set up.

    Args:
        hydra_context: of the sweeper.
        task_function: of the sweeper.
        config: of the sweeper.

    Raises:
        ConfigurationError: if what it needs is not here.
    """
    name = str(config.hydra.launcher._target_).rpartition(".")[2]
    if name in EXTRAS:
        module, extra = EXTRAS[name]
        if find_spec(module) is None:
            raise ConfigurationError(f"hydra/launcher: {extra} is not installed; add the extra: remanence[{extra}]")
    if name == "SlurmLauncher" and shutil.which("srun") is None:
        raise ConfigurationError(
            "hydra/launcher: slurm needs srun and sbatch, which are not on this machine; start the sweep on a login "
            "node of the cluster, or leave hydra/launcher=slurm out"
        )
    return Plugins.instance().instantiate_launcher(
        hydra_context=hydra_context, task_function=task_function, config=config
    )
