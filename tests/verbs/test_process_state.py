import gc
import logging
import os
import random
import signal
import threading
import warnings
from contextlib import suppress

import mlflow
import numpy as np
import pytest
import torch
from mlflow.tracking._tracking_service import utils as address
from pytorch_lightning import Trainer, seed_everything

from remanence.tracking.database import connect
from remanence.verbs.process_state import VARIABLES, logging_as_found, process_as_found


def state():
    """Return everything that a training changes, as plain values."""
    _, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (keys.tolist(), *rest),
        "torch": torch.get_rng_state().tolist(),
        "cuda": [each.tolist() for each in torch.cuda.get_rng_state_all()] if torch.cuda.is_available() else [],
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "cudnn": (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic),
        "precision": torch.get_float32_matmul_precision(),
        "threads": torch.get_num_threads(),
        "environment": {name: os.environ.get(name) for name in VARIABLES},
        "filters": list(warnings.filters),
        "levels": {name: logging.getLogger(name).level for name in ("", "mlflow", "pytorch_lightning", "mine")},
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)},
        "tracking": address._tracking_uri,
    }


def disturb(tmp_path):
    """Do what a training does, and more."""
    seed_everything(5, workers=True, verbose=False)
    Trainer(deterministic=True, logger=False, enable_checkpointing=False, enable_progress_bar=False, accelerator="cpu")
    torch.backends.cudnn.benchmark = not torch.backends.cudnn.benchmark
    torch.set_float32_matmul_precision("medium")
    torch.set_num_threads(torch.get_num_threads() + 1)
    warnings.simplefilter("error")
    for name in ("", "mlflow", "pytorch_lightning", "mine"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/other.db")
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A process of somebody who has settings of their own; undone afterwards."""
    with process_as_found():
        monkeypatch.setenv("PL_GLOBAL_SEED", "12")
        monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
        seed_everything(3, verbose=False)
        torch.use_deterministic_algorithms(False)
        logging.getLogger("mine").setLevel(logging.DEBUG)
        warnings.filterwarnings("ignore", message="mine")
        yield
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("error", [None, ValueError("inside"), KeyboardInterrupt()], ids=["done", "error", "ctrl-c"])
def test_everything_is_as_it_was_found(own, tmp_path, error):
    before, changed = state(), {}

    with suppress(ValueError, KeyboardInterrupt), process_as_found():
        disturb(tmp_path)
        changed |= state()
        if error is not None:
            raise error

    assert state() == before
    same = {key for key, value in before.items() if changed[key] == value}
    assert same <= {"cuda", "warn_only"}  # so that each of the others was there to be put back


def test_a_thread_puts_back_all_but_the_signals_that_it_cannot_set(own, tmp_path):
    before = state()

    def work():
        with process_as_found():
            disturb(tmp_path)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert state() == before


def test_objects_that_importing_sets_aside_can_be_collected_again():
    gc.unfreeze()

    with process_as_found():
        gc.freeze()
        assert gc.get_freeze_count()

    assert not gc.get_freeze_count()


def test_opening_a_database_aside_changes_neither_its_address_nor_any_level(outputs):
    logging.getLogger("mlflow").setLevel(logging.INFO)
    before = address._tracking_uri, os.environ.get("MLFLOW_TRACKING_URI")

    with logging_as_found():
        connect(f"sqlite:///{outputs}/mlflow.db", aside=True)

    assert (address._tracking_uri, os.environ.get("MLFLOW_TRACKING_URI")) == before
    assert logging.getLogger("mlflow").level == logging.INFO


def test_gpus_that_are_not_in_use_yet_begin_from_the_users_seed_again(monkeypatch):
    seeds = []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeds.append)
    torch.manual_seed(7)

    with process_as_found():
        torch.manual_seed(0)

    assert seeds[-1] == 7
