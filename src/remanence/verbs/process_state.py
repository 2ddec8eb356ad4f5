"""Restoring what a training changes in its process: seeds, settings of torch, warnings, logging, signals."""

import gc
import logging
import os
import random
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from remanence.foundation.imports import importing

VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "GLOO_SOCKET_IFNAME",
    "HYDRA_FULL_ERROR",
    "MLFLOW_TRACKING_URI",
    "PL_GLOBAL_SEED",
    "PL_SEED_WORKERS",
)
"""Environment variables that Lightning, Hydra, MLflow and torch set."""

PutBack = Callable[[], None]


@contextmanager
def process_as_found() -> Iterator[None]:
    """Restore the state of the process at the end of the block, also after an error.

    Changes that the libraries make when they are imported stay, because they are imported before the state is saved.
    """
    with ExitStack() as stack:
        stack.callback(_garbage_collector())
        with importing(), _without_tqdm_warning():
            import mlflow  # noqa: F401
            import optuna  # noqa: F401
            import pytorch_lightning  # noqa: F401
            import sklearn  # noqa: F401
        for remember in (_environment, _generators, _switches, _logging, _signals, _tracking_address):
            stack.callback(remember())
        stack.enter_context(warnings.catch_warnings())
        yield


@contextmanager
def logging_as_found() -> Iterator[None]:
    """Restore the settings of all loggers at the end of the block, because opening a database silences some loggers."""
    put_back = _logging()
    try:
        yield
    finally:
        put_back()


@contextmanager
def _without_tqdm_warning() -> Iterator[None]:
    """Import tqdm without its warning, before Optuna imports it.

    In every notebook tqdm warns if a package for widgets is missing, which does not matter: Optuna draws no bar here.
    """
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.simplefilter("ignore")
        import tqdm.auto  # noqa: F401
    yield


def _environment() -> PutBack:
    before = {name: os.environ.get(name) for name in VARIABLES}

    def put_back() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return put_back


def _generators() -> PutBack:
    import numpy as np
    import torch

    python, legacy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    seed, on_gpu = torch.initial_seed(), torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    gpus = torch.cuda.get_rng_state_all() if on_gpu else []

    def put_back() -> None:
        random.setstate(python)
        np.random.set_state(legacy)
        torch.set_rng_state(cpu)
        if on_gpu:
            torch.cuda.set_rng_state_all(gpus)
        else:  # CUDA was not initialised yet: its generators would have started from the seed of the CPU's generator
            torch.cuda.manual_seed_all(seed)

    return put_back


def _switches() -> PutBack:
    import torch

    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn
    benchmark, repeatable = cudnn.benchmark, cudnn.deterministic
    precision, threads = torch.get_float32_matmul_precision(), torch.get_num_threads()

    def put_back() -> None:
        torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        cudnn.benchmark, cudnn.deterministic = benchmark, repeatable
        torch.set_float32_matmul_precision(precision)
        torch.set_num_threads(threads)

    return put_back


def _logging() -> PutBack:
    there = logging.root.manager.loggerDict.values()
    known = [logging.root, *(each for each in there if isinstance(each, logging.Logger))]
    before = [(logger, logger.level, logger.disabled, logger.propagate, list(logger.handlers)) for logger in known]

    def put_back() -> None:
        for logger, level, disabled, propagate, handlers in before:
            logger.setLevel(level)
            logger.disabled, logger.propagate, logger.handlers = disabled, propagate, handlers

    return put_back


def _signals() -> PutBack:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None  # only the main thread may set handlers
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}

    def put_back() -> None:
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) != handler:  # None: a handler not set from Python
                signal.signal(number, handler)

    return put_back


def _tracking_address() -> PutBack:
    from mlflow.tracking._tracking_service import utils

    before = utils._tracking_uri

    def put_back() -> None:
        if utils._tracking_uri != before:
            utils.set_tracking_uri(before)  # this also sets an environment variable, which is restored after this

    return put_back


def _garbage_collector() -> PutBack:
    """Return a function that unfreezes the objects that ``importing`` has frozen for the garbage collector.

    Frozen objects are never collected. This suits a command, but a notebook lives for weeks.
    """
    before = gc.get_freeze_count()
    return lambda: None if before else gc.unfreeze()
