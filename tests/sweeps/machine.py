"""Machines that sweep together, as far as one machine can stand for several.

A machine is a space of process ids with a working directory and an outputs folder of its own. All have the same host
name, as containers and copies of a virtual machine have. Where no such space may be made, a machine is a process group
that believes to have another host name.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ALONE = ["--pid", "--fork", "--kill-child", "--mount-proc"]
NAMED = """
import os, socket
socket.gethostname = lambda: os.environ["NAME_OF_MACHINE"]
"""


def isolation() -> list[str] | None:
    """Return the beginning of a command that starts another one in a space of process ids; None if that is refused."""
    for command in (["unshare", *ALONE], ["unshare", "--user", "--map-root-user", *ALONE]):
        with suppress(OSError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return None


class Machine:
    """A machine on which one sweep runs.

    Args:
        folder: new; the working directory, and the place of the outputs.
        arguments: arguments of ``remanence``.
        variables: environment variables of the sweep: the addresses of its databases.
    """

    def __init__(self, folder: Path, arguments: list[str], variables: dict[str, str]) -> None:
        folder.mkdir()
        self.outputs = folder / "outputs"
        alone = isolation()
        environment = {**os.environ, **variables, "REMANENCE_OUTPUTS": str(self.outputs), "OMP_NUM_THREADS": "1"}
        if alone is None:
            (folder / "sitecustomize.py").write_text(NAMED)
            paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment |= {"NAME_OF_MACHINE": folder.name, "PYTHONPATH": os.pathsep.join(paths)}
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*(alone or []), sys.executable, "-m", "remanence", *arguments],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, seconds: float) -> int:
        """Return the exit code."""
        return self.process.wait(seconds)

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # with the first process of a space, all others in it die
        self.process.wait()
