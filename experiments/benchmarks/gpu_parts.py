"""The parts of `gpu.py`: each measures one thing on a device, and returns the rows of a table."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sho_fit
import stacked_vs_sequential
import torch
from mlflow import MlflowClient
from paper_step import BATCH, RECIPES, measure, step_of
from step_cost import StepCost, bandwidth, peak, step_cost, wait
from torch import Tensor

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.foundation.threads import one_thread
from remanence.models.beta_vae import BetaVAE
from remanence.models.dnn import DNN
from remanence.studies.kinds import checked
from remanence.verbs.cli import main as remanence

Row = tuple[str, str, str]
"""What was measured, the value, and what stands beside it."""


@dataclass(frozen=True)
class Asked:
    """Where is measured, and how much."""

    device: str
    """``cuda``, or ``cpu`` to see that a part works."""
    quick: bool
    """Whether sizes are as small as can be; the numbers then mean nothing."""

    def size(self, full: int, quick: int) -> int:
        """Return a size."""
        return quick if self.quick else full


def device(asked: Asked) -> Iterator[Row]:
    """What the device reaches at best: products of matrices, and copies inside its memory."""
    for name, dtype in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        yield (
            f"product of matrices, {name}",
            f"{_peak(asked, dtype) / 1e12:.3g} Tflop/s",
            "the peak of the shares below",
        )
    speed = bandwidth(asked.device, megabytes=asked.size(2048, 8))
    yield "copy inside the memory", f"{speed / 1e9:.3g} GB/s", ""
    balance = _peak(asked, torch.float32) / speed
    yield "balance in float32", f"{balance:.3g} flop/byte", "with less, a step waits for the memory"


def paper_step(asked: Asked) -> Iterator[Row]:
    """A step of the paper's networks: float32, bf16, without cuDNN's fused LSTM, and captured as a CUDA graph."""
    steps = asked.size(20, 1)
    for experiment, (length, channels, _) in RECIPES.items():
        ways: dict[str, Callable[[BetaVAE, Tensor], tuple[float, float]]] = {
            "float32": lambda network, batch: measure(network, batch, steps, bf16=False),
            "bf16": lambda network, batch: measure(network, batch, steps, bf16=True),
            "LSTM not fused": lambda network, batch: _unfused(network, batch, steps),
            "CUDA graph": lambda network, batch: _captured(network, batch, steps),
        }
        reference: float | None = None
        for name, way in ways.items():
            network, batch = _paper_network(asked, experiment, length, channels)
            cost = step_cost(network, batch)
            try:
                seconds, loss = way(network, batch)
            except Exception as error:  # the ways beside it are still worth a measurement
                yield f"{experiment}, {name}", "failed", first_line(error)
                continue
            reference = loss if reference is None else reference
            dtype = torch.bfloat16 if name == "bf16" else torch.float32
            beside = f"loss {loss:.5f} after {steps} steps, {loss / reference - 1:+.1e} relative to float32"
            yield f"{experiment}, {name}", f"{seconds * 1e3:.3g} ms", f"{beside}; {_share(cost, seconds, asked, dtype)}"


def sho_fits(asked: Asked) -> Iterator[Row]:
    """Fits of the harmonic oscillator a second, and how far their parameters are from the CPU's."""
    random, spectra = torch.Generator().manual_seed(0), asked.size(691_200, 512)
    parameters = sho_fit.draw(spectra, random)
    noisy = torch.cat([sho_fit.noisy(part, 0.05, random) for part in parameters.split(4096)])
    fits, frequency = {}, sho_fit.FREQUENCY
    for where in dict.fromkeys(("cpu", asked.device)):
        sho_fit.fit_sho(noisy[:512], frequency, device=where)  # loads what is compiled
        wait(asked.device)
        began = time.perf_counter()
        fits[where] = sho_fit.stacked(sho_fit.fit_sho(noisy, frequency, device=where))
        wait(asked.device)
        yield f"{spectra} spectra, {where}", f"{spectra / (time.perf_counter() - began):.3g} spectra/s", ""
    apart = np.abs(sho_fit.errors(fits[asked.device].copy(), torch.from_numpy(fits["cpu"])))
    median = ", ".join(f"{value:.1e}" for value in np.median(apart, 0))
    yield "median difference from the CPU", median, ", ".join(sho_fit.NAMES)


def stacked_members(asked: Asked) -> Iterator[Row]:
    """Members of a tabular network trained as one, and how far their losses are from the CPU's."""
    data, epochs, losses = stacked_vs_sequential.opened(), asked.size(200, 2), {}
    for repeats in (3,) if asked.quick else (3, 60):
        members = stacked_vs_sequential.planned(data, repeats)
        for where in dict.fromkeys(("cpu", asked.device)):
            began = time.perf_counter()
            with one_thread():
                losses[where] = stacked_vs_sequential.stacked(data, members, epochs=epochs, device=where).val_loss
            wait(asked.device)
            seconds = time.perf_counter() - began
            apart = np.abs(losses[where][0] / losses["cpu"][0] - 1).max()
            beside = f"losses of the first epoch apart by {apart:.1e} at most"
            yield f"{len(members)} members, {epochs} epochs, {where}", f"{seconds:.3g} s", beside


def small_network(asked: Asked) -> Iterator[Row]:
    """A step of the tabular network of `piezo/single`, which is said to be faster on the CPU."""
    for where in dict.fromkeys(("cpu", asked.device)):
        torch.manual_seed(0)
        network = DNN(n_features=2).to(where)
        network.prepare(np.random.default_rng(0).normal(size=(96, 2)), np.ones((96, 1)))
        batch = torch.randn(32, 2, device=where), torch.randn(32, 1, device=where)
        seconds = _tabular_step(network.to(where), batch, asked.size(300, 2))
        yield f"32 rows, {where}", f"{seconds * 1e3:.3g} ms a step", ""


def fused_sweep(asked: Asked) -> Iterator[Row]:
    """A grid of learning rates, trials trained as one network and one at a time."""
    rates = ",".join(f"{0.002 * (1 + number):.3f}" for number in range(asked.size(8, 2)))
    epochs = asked.size(60, 1)
    for fuse in ("auto", "off"):
        with _outputs() as client:
            began = time.perf_counter()
            options = (f"hydra.sweeper.fuse={fuse}", f"trainer.max_epochs={epochs}", *_on(asked))
            told = _typed("train", "-m", *SMALL, f"model.lr={rates}", *options)
            seconds = time.perf_counter() - began
            runs = client.search_runs([each.experiment_id for each in client.search_experiments()])
        stacks = {run.data.tags.get("remanence.stack", "1") for run in runs if "remanence.trial" in run.data.tags}
        trained = f"{', '.join(sorted(stacks))} trained together"
        yield f"{rates.count(',') + 1} trials, {epochs} epochs, fuse={fuse}", f"{seconds:.3g} s", told or trained


def ddp(asked: Asked) -> Iterator[Row]:
    """Two processes that share the rows and one device, by NCCL and by gloo; NCCL may refuse a card that is shared."""
    for backend in ("nccl", "gloo") if asked.device == "cuda" else ("gloo",):
        with tempfile.TemporaryDirectory() as folder:
            script = [sys.executable, str(Path(__file__).with_name("ddp_rank.py")), backend, asked.device]
            given = [*script, str(asked.size(200, 2)), str(Path(folder) / "store")]
            ranks = [
                subprocess.Popen([*given, str(rank)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for rank in range(2)
            ]
            try:
                told = [rank.communicate(timeout=90) for rank in ranks]
            except subprocess.TimeoutExpired:
                yield f"{backend}, two ranks on one {asked.device}", "no answer", "in 90 s"
                continue
            finally:
                for rank in ranks:
                    rank.kill()
        codes = {rank.returncode for rank in ranks}
        value, beside = told[0][0].strip(), "weights of both ranks are equal"
        if codes != {0}:
            value, beside = "refused", _reason(told[0][1] or told[1][1])
        yield f"{backend}, two ranks on one {asked.device}", value, beside


def fsdp(asked: Asked) -> Iterator[Row]:
    """The start of a training whose weights are divided among devices, here among one; on a CPU it is refused."""
    strategy = ("trainer.strategy=fsdp", "trainer.max_epochs=2", *_on(asked))
    with _outputs():
        began = time.perf_counter()
        told = _typed("train", *SMALL, "ensemble=single", *strategy)
        seconds = time.perf_counter() - began
    yield "piezo/single, 2 epochs", f"{seconds:.3g} s" if not told else "refused", told


PARTS = {part.__name__: part for part in (device, paper_step, sho_fits, stacked_members, small_network)}
PARTS |= {part.__name__: part for part in (fused_sweep, ddp, fsdp)}
"""Name of each part, in the order in which they are done: those of other processes last."""
SMALL = ("experiment=piezo/single", "data.replicates=4", "figures=brief", "baselines=none")


def first_line(error: BaseException) -> str:
    """Return an error in one line, without bars, which would end a cell of a table."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}".replace("|", "/")


def _paper_network(asked: Asked, experiment: str, length: int, channels: int) -> tuple[BetaVAE, Tensor]:
    node = dict(checked(compose([f"experiment={experiment}"])).model)
    if asked.quick:
        node |= {"units": 4, "blocks": 1, "layers": 1}
        length = min(length, 25)
    torch.manual_seed(0)
    network = build("model", node, steps=length, channels=channels).to(asked.device)
    return network, torch.randn(asked.size(BATCH, 4), length, channels, device=asked.device)


def _unfused(network: BetaVAE, batch: Tensor, steps: int) -> tuple[float, float]:
    """Measure with torch's own kernels instead of those of cuDNN; on a CPU, which has no cuDNN, nothing changes."""
    with torch.backends.cudnn.flags(enabled=False):
        return measure(network, batch, steps, bf16=False)


def _captured(network: BetaVAE, batch: Tensor, steps: int) -> tuple[float, float]:
    """Measure steps that are recorded once and then replayed as one; on a CPU they are made one by one."""
    step = step_of(network, batch, bf16=False, captured=batch.is_cuda)
    if not batch.is_cuda:
        step()
        began = time.perf_counter()
        loss = [step() for _ in range(steps)][-1]
        return (time.perf_counter() - began) / steps, float(loss.detach())
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):  # a graph is recorded once everything is allocated
        step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(steps):
        graph.replay()
    torch.cuda.synchronize()
    return (time.perf_counter() - began) / steps, float(loss.detach())


def _tabular_step(network: DNN, batch: tuple[Tensor, Tensor], steps: int) -> float:
    """Return the seconds of a step of Adam on the loss of all rows."""
    optimizer = torch.optim.Adam(network.parameters())
    where = batch[0].device.type
    for step in range(steps + 1):
        if step == 1:  # the first one allocates
            wait(where)
            began = time.perf_counter()
        optimizer.zero_grad()
        network.row_loss(*batch).mean().backward()
        optimizer.step()
    wait(where)
    return (time.perf_counter() - began) / steps


_PEAKS: dict[tuple[str, bool, torch.dtype], float] = {}


def _peak(asked: Asked, dtype: torch.dtype) -> float:
    known = asked.device, asked.quick, dtype
    if known not in _PEAKS:
        _PEAKS[known] = peak(asked.device, dtype, size=asked.size(8192, 64))
    return _PEAKS[known]


def _share(cost: StepCost, seconds: float, asked: Asked, dtype: torch.dtype) -> str:
    reached = cost.operations / seconds
    return (
        f"{cost.intensity:.3g} flop/byte, {reached / 1e12:.3g} Tflop/s, {reached / _peak(asked, dtype):.2%} of the peak"
    )


def _on(asked: Asked) -> tuple[str, ...]:
    return (f"trainer.accelerator={'gpu' if asked.device == 'cuda' else 'cpu'}",)


@contextlib.contextmanager
def _outputs() -> Iterator[MlflowClient]:
    """Let commands write to a folder that is removed after the block."""
    before = {name: os.environ.pop(name, None) for name in ("REMANENCE_OUTPUTS", "MLFLOW_TRACKING_URI")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REMANENCE_OUTPUTS"] = folder
        try:
            yield MlflowClient(f"sqlite:///{folder}/mlflow.db")
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def _typed(*arguments: str) -> str:
    """Run a command in this process, and return the last line of what it complains of; empty if it ends well."""
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        code = remanence(arguments)
    return "" if code == 0 else _reason(errors.getvalue())


def _reason(errors: str) -> str:
    """Return the last line of errors that says something; a bar would end the cell of a table."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    said = [line for line in lines if "Error" in line or "error" in line or "Duplicate" in line]
    return (said or lines or ["no reason given"])[-1].replace("|", "/")
