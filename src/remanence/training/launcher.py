"""Whether torchrun or srun started this process as one of several of a training; imports nothing heavy."""

import os
from collections.abc import Mapping


def launched_rank(variables: Mapping[str, str] = os.environ) -> int | None:
    """Return the rank of this process among those that torchrun or srun started; None if it is the only process.

    >>> launched_rank({"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": "1"})
    1
    >>> launched_rank({"SLURM_NTASKS": "1", "SLURM_PROCID": "0"})
    """
    if "TORCHELASTIC_RUN_ID" in variables and int(variables["WORLD_SIZE"]) > 1:
        return int(variables["RANK"])
    # count the tasks of the step, not of the job: a batch script is one process, however many tasks its job has
    if int(variables.get("SLURM_STEP_NUM_TASKS", 1)) > 1:
        return int(variables["SLURM_PROCID"])
    return None
