import inspect
from pathlib import Path

import pytest

from remanence.models import network
from remanence.models.dnn import DNN

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "own-network.md"
PARTS = {
    "always": network.Network,
    "to learn from its rows before": network.Prepared,
    "to be trained alone": network.TrainedAlone,
    "to be a member of a stack": network.Stackable,
}


def requirements():
    """Return what each protocol asks for, as the rows of a table: called how, for what, doing what."""
    for used, protocol in PARTS.items():
        for name, member in vars(protocol).items():
            if isinstance(member, property):
                yield f"`{name}`", used, inspect.getdoc(member)
            elif (
                inspect.isfunction(member)
                and inspect.getdoc(member)
                and not name.startswith("_proto")
                and name != "__init__"
            ):
                arguments = ", ".join(list(inspect.signature(member).parameters)[1:])
                yield f"`{'forward' if name == '__call__' else name}({arguments})`", used, inspect.getdoc(member)


def test_the_guide_says_what_the_protocols_ask_for():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    printed = [line for line in lines if line.startswith("| `")]

    assert printed == [f"| {called} | {used} | {does} |" for called, used, does in requirements()]


@pytest.mark.parametrize("protocol", PARTS.values())
def test_the_paper_s_network_has_what_is_asked_for(protocol):
    model = DNN(n_features=2)

    assert all(hasattr(model, name) for name in vars(protocol) if not name.startswith("_"))
    assert callable(model)
