"""``remanence train -m``: a Hydra sweeper that can be interrupted, continued, pruned and shared between machines."""

from typing import TYPE_CHECKING, Any

from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from remanence.configuration.sweep_options import Sweeper as Options
from remanence.configuration.validate import check
from remanence.foundation.imports import importing

if TYPE_CHECKING:  # Hydra imports this module for every command, and a single run needs none of these
    from remanence.sweeps.conduct import Conducted
    from remanence.sweeps.plan import Plan
    from remanence.sweeps.slots import Slots


class OptunaSweeper(Sweeper):
    """The sweeper of ``conf/hydra/sweeper/remanence.yaml``, which describes its options."""

    hydra_context: HydraContext
    task_function: TaskFunction
    config: DictConfig

    def __init__(self, **options: Any) -> None:
        self.options: dict[str, Any] = OmegaConf.to_container(OmegaConf.create(options), resolve=True)  # type: ignore[assignment]

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Store what Hydra passes to a sweeper, and check the options; a launcher is created later, if needed.

        Raises:
            ConfigurationError: for an unknown or wrong option.
        """
        check(Options, self.options, "hydra.sweeper")
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def sweep(self, arguments: list[str]) -> "Conducted":
        """Run the trials of the study that the command line describes, as far as they have not ended yet.

        Returns:
            the study and the parent run, which hold the results.

        Raises:
            UserError: before the first trial, if any configuration, the data or the study's name is wrong.
            RuntimeError: at the end, if failures have stopped the sweep (see ``Policy``), or if no trial has a result.
        """
        n_jobs = self.config.n_jobs  # this value is not checked yet
        if self._own_launcher and isinstance(n_jobs, int) and n_jobs > 1:
            from remanence.sweeps.pool import warm_up

            warm_up()  # the fork server imports while this process reads and checks the command
        with importing():
            from remanence.sweeps.plan import plan

        planned = plan(arguments, self.options, self.hydra_context, self.config)

        with importing():
            from remanence.sweeps.conduct import conduct  # imports MLflow, so only after everything is checked

        return conduct(planned, arguments, self.options, lambda: self._slots(planned))

    @property
    def _own_launcher(self) -> bool:
        return str(self.config.hydra.launcher._target_).endswith(".BasicLauncher")

    def _slots(self, planned: "Plan") -> "Slots":
        from remanence.sweeps.devices import slot_devices
        from remanence.sweeps.fusing import Fusing, sizes
        from remanence.sweeps.launchers import open_launcher
        from remanence.sweeps.pool import Pool
        from remanence.sweeps.slots import Batches, Here

        size = planned.example.n_jobs
        if not self._own_launcher:
            return Batches(open_launcher(self.hydra_context, self.task_function, self.config), size)
        slots: Here | Pool
        if size == 1:
            slots = Here(self.task_function)
        else:
            slots = Pool(self.task_function, size, slot_devices(planned.example.trainer, size))
        fused = sizes(self.options["fuse"], self.options["on_failure"], is_grid=planned.is_grid, slots=size)
        return slots if fused is None else Fusing(slots, at_once=fused[0], largest=fused[1])
