"""How many cores of the machine this process may fill."""

import os

_processes = 1


def share_cores(processes: int) -> None:
    """Note that this process is one of several that work side by side, such as those of the trials of a sweep."""
    global _processes
    _processes = processes


def allowed_cores() -> int:
    """Return on how many cores of the machine the system lets this process run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def own_cores() -> int:
    """Return how many cores this process may fill, at least one; OMP_NUM_THREADS is a limit, as for torch."""
    cores = allowed_cores()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(wanted) if wanted.isdecimal() else cores) // _processes)
