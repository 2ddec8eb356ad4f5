"""Seconds per training step of the paper's networks at the paper's size, and what the whole recipe would take.

    python experiments/benchmarks/paper_step.py [steps]

On the CPU in float32; on a GPU, where there is one, in float32 and under bf16 autocast, whose loss is compared.
"""

import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.models.beta_vae import BetaVAE
from remanence.studies.kinds import checked

BATCH = 300
RECIPES = {  # shape of a laid-out spectrum, training spectra
    "beps/toy_paper": (25, 1, 10_000),
    "beps/pzt_paper": (192, 1, 3600),
}


def main(steps: int) -> None:
    print(f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    if len(devices) > 1:
        print(torch.cuda.get_device_name())
    for experiment, (length, channels, spectra) in RECIPES.items():
        cfg = checked(compose([f"experiment={experiment}"]))
        epochs = cfg.trainer.max_epochs
        for device in devices:
            for bf16 in (False, True) if device == "cuda" else (False,):
                torch.manual_seed(0)
                network = build("model", cfg.model, steps=length, channels=channels).to(device)
                batch = torch.randn(BATCH, length, channels, device=device)
                seconds, loss = measure(network, batch, steps, bf16=bf16)
                hours = seconds * epochs * -(-spectra // BATCH) / 3600
                weights = sum(weight.numel() for weight in network.parameters()) / 1e6
                where = f"{device}, bf16" if bf16 else f"{device}, float32"
                print(f"{experiment}: {weights:.2f} M weights, {where}: {seconds:.3f} s a step")
                print(f"  all {epochs} epochs: {hours:.0f} h; loss {loss:.5f} after {steps} steps")


def measure(network: BetaVAE, batch: Tensor, steps: int, *, bf16: bool) -> tuple[float, float]:
    """Return seconds per step and the last loss; the first step, which allocates, does not count."""
    step = step_of(network, batch, bf16=bf16)
    step()
    synchronise(batch)
    began = time.perf_counter()
    for _ in range(steps):
        loss = step()
    synchronise(batch)
    return (time.perf_counter() - began) / steps, float(loss.detach())


def step_of(network: BetaVAE, batch: Tensor, *, bf16: bool, captured: bool = False) -> Callable[[], Tensor]:
    """Return what makes one step on a batch and returns the loss before it.

    Args:
        network: network to train.
        batch: spectra (batch, steps, channels).
        bf16: whether products are in bfloat16.
        captured: whether the steps are to be captured as a CUDA graph, so that nothing in them may ask the device.
    """
    network.log_dict = lambda *_, **__: None  # type: ignore[method-assign]  # there is no trainer to log to
    optimizer: Any = network.configure_optimizers()
    for group in optimizer.param_groups:
        group["capturable"] = captured

    def step() -> Tensor:
        with torch.autocast(batch.device.type, torch.bfloat16, enabled=bf16):
            loss = network.training_step(batch, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def synchronise(batch: Tensor) -> None:
    """Wait for the device: its work is queued."""
    if batch.is_cuda:
        torch.cuda.synchronize()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
