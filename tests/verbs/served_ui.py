"""``remanence ui`` in a process of its own, for the tests of this folder."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import psutil
import requests

PATIENCE = 120.0
"""Seconds that the server may take to answer on a loaded machine; it usually takes five."""


@contextmanager
def running(port, *command, **environment):
    """Start the verb in a session of its own, and yield its process when it answers."""
    typed = command or (sys.executable, "-m", "remanence", "ui", f"port={port}")
    process = subprocess.Popen(typed, env=os.environ | environment, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}/health", timeout=1).ok:
                    break
        yield process
    finally:
        for number in of_session(process.pid):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.wait()


def of_session(leader: int) -> list[int]:
    """Return the living processes of the session that a process leads, or led."""
    found = []
    for number in psutil.pids():
        with suppress(ProcessLookupError, psutil.Error):
            if os.getsid(number) == leader and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                found.append(number)
    return found
