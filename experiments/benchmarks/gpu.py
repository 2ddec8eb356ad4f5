"""What a GPU makes of the package, in one call of a few minutes, as a table in Markdown.

    python experiments/benchmarks/gpu.py [--only PART …] [--device cpu] [--quick]

Without a GPU it says so in one line and ends with exit code 0. A part that fails is one line of the table, and the
others go on; the exit code is then 1. `--device cpu --quick` goes through all parts with tiny settings on a CPU, which
shows that they work and measures nothing. The peak is what a product of two 8192 × 8192 matrices reaches on the same
card. Operations are those of the layers' matrices, forwards and backwards; bytes are counted as if each weight and
activation passed through the memory once for each use, so that the operations a byte are the most there can be.
"""

import argparse
import logging
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext

import torch


def main(typed: Sequence[str] | None = None) -> int:
    arguments = _arguments(typed)
    if arguments.device == "cuda" and not torch.cuda.is_available():
        print("no GPU here (torch.cuda is not available): nothing was measured")
        return 0
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    from gpu_parts import PARTS, Asked  # imports the package, which takes seconds

    from remanence.foundation.threads import one_thread

    unknown = set(arguments.only) - set(PARTS)
    if unknown:
        print(f"--only: no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    asked = Asked(arguments.device, arguments.quick)
    chosen = {name: part for name, part in PARTS.items() if name in (arguments.only or PARTS)}
    with one_thread() if arguments.quick else nullcontext():  # tiny sums take longer where several threads share them
        return measured(chosen, asked)


def measured(parts: Mapping[str, Callable[..., Iterator[tuple[str, str, str]]]], asked: object) -> int:
    """Print a row for each thing that the parts measure, and return 1 if a part failed."""
    from gpu_parts import first_line

    print(f"{_card(getattr(asked, 'device', ''))}, torch {torch.__version__}, {platform.python_version()}")
    print("\n| part | what | measured | beside it |\n|---|---|---|---|", flush=True)
    failed = 0
    for name, part in parts.items():
        began = time.perf_counter()
        try:
            for what, value, beside in part(asked):
                print(f"| {name} | {what} | {value} | {beside} |", flush=True)
        except (Exception, SystemExit) as error:
            failed = 1
            print(f"| {name} | failed after {time.perf_counter() - began:.0f} s | | {first_line(error)} |", flush=True)
    return failed


def _card(device: str) -> str:
    if device != "cuda":
        return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"
    free, whole = torch.cuda.mem_get_info()
    memory = f"{free / 2**30:.0f} of {whole / 2**30:.0f} GiB free"
    return f"{torch.cuda.get_device_name()} ({memory}), CUDA {torch.version.cuda}"


def _arguments(typed: Sequence[str] | None) -> argparse.Namespace:
    summary, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny settings: the numbers mean nothing")
    parser.add_argument("--only", nargs="+", default=[], metavar="PART", help="measure these parts only")
    return parser.parse_args(typed)


if __name__ == "__main__":
    sys.exit(main())
