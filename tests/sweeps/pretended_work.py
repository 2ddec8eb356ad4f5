"""What processes of a pool do in tests instead of training; importable, and without torch."""

import os
import signal
import sys
import time
from pathlib import Path

from remanence.sweeps.outcome import Outcome
from remanence.sweeps.study import SharedStudy
from remanence.tracking.interruption import Interrupted


def answer(cfg):
    """Return the process, its GPU and a variable of the environment."""
    name = f"{os.getpid()} {os.environ.get('CUDA_VISIBLE_DEVICES')} {os.environ.get('OF_THE_TEST')}"
    return Outcome("ok", (float(cfg.x),), name=name)


def obey(cfg):
    """Do what ``cfg.do`` says."""
    match cfg.do:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            sys.exit(3)
        case "raise":
            raise ArithmeticError("of the test")
        case "wait":
            Path(cfg.mark).touch()
            try:
                time.sleep(60)
            except Interrupted as interrupted:
                Path(cfg.mark).write_text(interrupted.signal.name)
                raise
        case "defy":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            Path(cfg.mark).touch()
            time.sleep(60)
    return answer(cfg)


def share(cfg):
    """Claim a trial of a study and tell its end; kill the process where ``cfg.deadly`` says so."""
    study = SharedStudy("s", cfg.url)
    assert study.claim(cfg.number)
    if cfg.number in cfg.deadly and len(os.listdir(cfg.deaths)) < cfg.most:
        Path(cfg.deaths, str(time.monotonic_ns())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    outcome = Outcome("ok", (float(cfg.x),))
    study.tell(cfg.number, outcome)
    return outcome
