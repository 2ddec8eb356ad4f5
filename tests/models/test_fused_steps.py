from types import SimpleNamespace

import pytest
import torch

from remanence.models.dnn import DNN
from remanence.models.fused_steps import takes_fused_steps


@pytest.mark.parametrize(("precision", "fused"), [("32-true", True), ("64-true", True), ("bf16-mixed", False)])
def test_steps_are_fused_unless_the_precision_is_mixed(precision, fused):
    network = DNN(n_features=2)
    network.trainer = None
    network._trainer = SimpleNamespace(precision=precision)

    assert takes_fused_steps(network) == fused


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_a_fused_step_is_the_step_of_a_loop(optimizer):
    torch.manual_seed(0)
    wide = {"n_features": 3, "hidden": [400, 300], "optimizer": optimizer, "weight_decay": 0.01}
    network = DNN(**wide).double()
    x, y = torch.randn(20, 3, dtype=torch.float64), torch.randn(20, 1, dtype=torch.float64)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[optimizer]
    again = DNN(**wide).double()
    again.load_state_dict(network.state_dict())
    steps = network.configure_optimizers()
    loop = kind(again.parameters(), lr=network.hparams["lr"], weight_decay=0.01, fused=False)

    assert steps.defaults["fused"]
    assert not DNN(n_features=3, optimizer=optimizer).configure_optimizers().defaults["fused"]
    for each, optimiser in ((network, steps), (again, loop)):
        for _ in range(5):
            optimiser.zero_grad()
            each.row_loss(x, y).mean().backward()
            optimiser.step()
    for one, other in zip(network.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)
