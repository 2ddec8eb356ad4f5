"""Every test is a process of its own: in this one the compiler may be imported already."""

import subprocess
import sys
import textwrap

FIRST = """
import sys
from remanence.foundation.imports import importing

with importing():
    import pytorch_lightning as pl
    import torch
    from lightning_fabric.wrappers import OptimizedModule

class Network(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x):
        return self.layer(x)

    def training_step(self, batch, index):
        loss = self(batch[0]).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())

network = Network()
rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 2)), batch_size=2)
off = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
trainer = pl.Trainer(max_epochs=1, accelerator="cpu", deterministic=True, **dict.fromkeys(off, False))
trainer.fit(network, rows)
"""


def answer(script: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", FIRST + textwrap.dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_training_does_without_the_compiler():
    script = """
        print(any(name.startswith("torch._dynamo.") for name in sys.modules), "sympy" in sys.modules)
        print(isinstance(network, OptimizedModule), torch.are_deterministic_algorithms_enabled())
    """
    assert answer(script) == ["False False", "False True"]


def test_the_compiler_is_told_what_was_set_before_it_was_there():
    script = """
        torch.compile(network.layer, backend="eager")(torch.ones(1, 2))
        import torch._inductor.config as settings
        print(settings.deterministic, settings.max_autotune)
        torch.use_deterministic_algorithms(False)
        print(settings.deterministic, torch._inductor.config is settings)
    """
    assert answer(script) == ["True False", "False True"]


def test_a_setting_that_is_read_is_the_compilers_own():
    assert answer("import torch._inductor.config as c; print(c.max_autotune, c.deterministic)") == ["False True"]
    assert answer("from torch._inductor import lowering; print(lowering.__name__)") == ["torch._inductor.lowering"]


def test_a_network_compiles_after_a_training_that_did_without():
    script = """
        compiled = torch.compile(network.layer, backend="eager")
        x = torch.ones(1, 2)
        print(torch.equal(compiled(x), network.layer(x)), sum(torch._dynamo.utils.counters["frames"].values()) > 0)
        print(isinstance(compiled, OptimizedModule), isinstance(compiled, torch._dynamo.OptimizedModule))
        print(isinstance(network, OptimizedModule))
    """
    assert answer(script) == ["True True", "True True", "False"]


def test_what_must_not_be_compiled_is_not_once_there_is_a_compiler():
    script = """
        from torch._dynamo.testing import CompileCounter

        def frames(function):
            counter = CompileCounter()
            torch.compile(function, backend=counter)(torch.ones(2))
            return counter.frame_count

        @torch.compiler.disable
        def later(x):
            return x + 1

        print(frames(lambda x: x + 1), frames(lambda x: later(x)), frames(lambda x: early(x)))
    """
    early = """
        @torch.compiler.disable
        def early(x):
            return x + 1

        print(early(torch.ones(1)).item())
    """
    assert answer(textwrap.dedent(early) + textwrap.dedent(script)) == ["2.0", "1 0 0"]


def test_modules_of_the_compiler_are_imported_once():
    script = """
        from torch._dynamo.backends.registry import list_backends
        import torch._dynamo.config as config

        print(sys.modules["torch._dynamo.backends.registry"].list_backends is list_backends)
        print(config is torch._dynamo.config, config.__spec__.origin.endswith("config.py"))
        print(torch._dynamo.__spec__.origin.endswith("__init__.py"))
    """
    assert answer(script) == ["True", "True True", "True"]


def test_the_compiler_knows_its_attributes_when_asked():
    assert answer("""
        import torch._dynamo as compiler

        print(compiler.config.suppress_errors, compiler.__name__)
    """) == ["False torch._dynamo"]
