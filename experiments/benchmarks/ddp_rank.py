"""One of the two processes of `gpu.py`'s part on DDP: backend, device, steps, file for the meeting, rank."""

import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

ROWS = 512


def main(backend: str, device: str, steps: int, store: str, rank: int) -> None:
    where = torch.device(f"{device}:0" if device == "cuda" else device)
    timeout = timedelta(seconds=60)
    dist.init_process_group(backend, init_method=f"file://{store}", rank=rank, world_size=2, timeout=timeout)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 256), nn.SiLU(), nn.Linear(256, 256), nn.SiLU(), nn.Linear(256, 1)).to(where)
    shared = DistributedDataParallel(network)
    optimizer = torch.optim.Adam(shared.parameters())
    torch.manual_seed(rank)
    x, y = torch.randn(ROWS, 64, device=where), torch.randn(ROWS, 1, device=where)
    for step in range(steps + 1):
        if step == 1:  # the first one allocates
            began = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.mse_loss(shared(x), y).backward()
        optimizer.step()
    own = torch.cat([weight.detach().flatten() for weight in network.parameters()])
    first = own.clone()
    dist.broadcast(first, 0)  # waits for the device and for the other process
    assert torch.equal(own, first), "the ranks have other weights"
    if rank == 0:
        print(f"{(time.perf_counter() - began) / steps * 1e3:.3g} ms a step of {ROWS} rows a rank")
    dist.destroy_process_group()


if __name__ == "__main__":
    backend, device, steps, store, rank = sys.argv[1:]
    main(backend, device, int(steps), store, int(rank))
