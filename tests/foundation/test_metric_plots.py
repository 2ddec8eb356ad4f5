"""Every test is a process of its own: in this one torchmetrics may be imported already."""

import subprocess
import sys
import textwrap

import pytest

FIRST = """
import sys
from remanence.foundation.imports import importing

with importing():
    import pytorch_lightning
    import torch
from torchmetrics.classification import BinaryConfusionMatrix, BinaryROC
"""


def answer(script: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", FIRST + textwrap.dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_metrics_do_without_matplotlib_until_one_is_drawn():
    script = """
        print("matplotlib" in sys.modules)
        for metric in (BinaryConfusionMatrix(), BinaryROC(), torch.nn.ModuleList([BinaryROC()])[0]):
            metric.update(torch.tensor([0.0, 1.0, 0.8]), torch.tensor([0, 1, 0]))
            figure, axes = metric.plot()
            print(type(figure).__name__, axes.get_xlabel())
        import torchmetrics.utilities
        plots = torchmetrics.utilities.plot
        print(plots is sys.modules[plots.__name__], plots._AX_TYPE.__name__)
    """
    assert answer(script) == ["False", "Figure Predicted class", *["Figure False positive rate"] * 2, "True Axes"]


@pytest.mark.parametrize(
    "statement",
    ["import torchmetrics.utilities.plot as p; p.plot_curve", "from torchmetrics.utilities.plot import plot_curve"],
)
def test_a_function_of_the_module_is_that_of_the_module(statement):
    script = f"""
        {statement}
        from torchmetrics.utilities.plot import plot_curve
        x = torch.linspace(0, 1, 3)
        figure, axes = plot_curve((x, x), label_names=("mine", "other"))
        print(axes.get_xlabel(), plot_curve.__name__)
    """
    assert answer(script) == ["mine plot_curve"]
