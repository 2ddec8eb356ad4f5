"""The benchmark of a GPU, on a machine that has none."""

import logging
import re
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

FOLDER = Path(__file__).parents[2] / "experiments" / "benchmarks"


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    """Import the benchmarks as they import each other, and leave logging and warnings as they were."""
    monkeypatch.syspath_prepend(str(FOLDER))
    with warnings.catch_warnings():
        yield
    logging.disable(logging.NOTSET)


def rows(printed):
    """Return the rows of the table: part, what, measured, beside it."""
    lines = [line.strip("|").split("|") for line in printed.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in cells] for cells in lines[1:]]


def test_without_a_gpu_it_says_so_and_ends_well(monkeypatch, capsys):
    import gpu

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert gpu.main([]) == 0
    assert capsys.readouterr().out == "no GPU here (torch.cuda is not available): nothing was measured\n"


def test_the_parts_of_one_process_work_on_a_cpu_too(capsys):
    import gpu

    parts = ["device", "paper_step", "sho_fits", "stacked_members", "small_network"]
    assert gpu.main(["--device", "cpu", "--quick", "--only", *parts]) == 0

    measured = rows(capsys.readouterr().out)
    assert list(dict.fromkeys(part for part, *_ in measured)) == parts
    assert not [row for row in measured if "failed" in row[1] or row[2] in ("failed", "")]
    steps = {what: beside for part, what, _, beside in measured if part == "paper_step"}
    assert len(steps) == 8
    assert "+0.0e+00 relative to float32" in steps["beps/toy_paper, CUDA graph"], "which on a CPU is the same"
    assert re.search(r"[\d.]+ flop/byte, .* Tflop/s, [\d.]+% of the peak", steps["beps/pzt_paper, bf16"])


@pytest.mark.slow
def test_the_parts_of_several_processes_and_whole_runs_work_on_a_cpu_too(capsys):
    import gpu

    assert gpu.main(["--device", "cpu", "--quick", "--only", "fused_sweep", "ddp", "fsdp"]) == 0

    measured = {
        (part, what.split(", ")[-1]): (value, beside) for part, what, value, beside in rows(capsys.readouterr().out)
    }
    assert measured["fused_sweep", "fuse=auto"][1] == "2 trained together"
    assert measured["fused_sweep", "fuse=off"][1] == "1 trained together"
    assert measured["ddp", "two ranks on one cpu"][1] == "weights of both ranks are equal"
    assert measured["fsdp", "2 epochs"][0] == "refused"
    assert "fsdp needs GPUs" in measured["fsdp", "2 epochs"][1]


def test_a_part_that_fails_is_one_line_and_the_others_go_on(capsys):
    import gpu
    from gpu_parts import Asked

    def broken(asked):
        yield "first", "1 ms", ""
        raise RuntimeError("out of | memory\nwith a long story")

    def whole(asked):
        yield "second", "2 ms", ""

    assert gpu.measured({"broken": broken, "whole": whole}, Asked("cpu", quick=True)) == 1

    found = rows(capsys.readouterr().out)
    assert [row[0] for row in found] == ["broken", "broken", "whole"]
    assert found[1][3] == "RuntimeError: out of / memory"


def test_an_unknown_part_is_refused_with_those_there_are(capsys):
    import gpu

    assert gpu.main(["--device", "cpu", "--only", "paper_steps"]) == 2
    assert "no part paper_steps; there are: device, paper_step, " in capsys.readouterr().err


def test_the_operations_of_a_step_are_those_counted_by_hand():
    from step_cost import step_cost

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
            self.out = nn.Linear(10, 2)

        def forward(self, x):
            return self.out(self.cell(x)[0])

    network, batch = Net(), torch.zeros(7, 4, 3)
    recurrent = 2 * 2 * 4 * 5 * (3 + 5) * 7 * 4  # directions, gates, units, weights of each, rows, steps
    dense = 2 * 10 * 2 * 7 * 4
    weights = sum(weight.numel() for weight in network.parameters())

    cost = step_cost(network, batch)

    assert cost.operations == 3 * (recurrent + dense)
    assert cost.moved == 44 * weights + 16 * 7 * 4 * (10 + 2)
    assert cost.intensity == cost.operations / cost.moved
