import json
import re

from remanence.figures.flame_graph import flame_graph

STACKS = {
    ("fit", "torch.nn: step"): 3.0,
    ("fit", "torch.nn: step", "torch.nn: forward"): 1.0,
    ("tracking",): 0.5,
    ("other", "tiny"): 0.001,
}


def drawn(page):
    """Return label, parent's label and value of each box."""
    (text,) = re.findall(r'Plotly\.newPlot\(\s*"[^"]+",\s*(\[.*?\])(?=,\s*\{)', page, re.DOTALL)
    (trace,) = json.loads(text)
    labels = dict(zip(trace["ids"], trace["labels"], strict=True))
    parents = [labels.get(parent, "") for parent in trace["parents"]]
    return list(zip(trace["labels"], parents, trace["values"], strict=True))


def test_each_function_stands_in_the_one_that_called_it_with_the_time_of_both():
    boxes = drawn(flame_graph(STACKS, title="mine"))

    assert boxes == [
        ("all 4.5 s", "", 4_501_000),
        ("fit", "all 4.5 s", 4_000_000),
        ("tracking", "all 4.5 s", 500_000),
        ("step", "fit", 4_000_000),
        ("forward", "step", 1_000_000),
    ], "what takes less than two in a thousand is not drawn"


def test_the_page_loads_nothing():
    page = flame_graph(STACKS, title="mine")

    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)=["\']?(?:https?:)?//', page)
    assert len(page) > 1_000_000, "plotly's script is in it"
