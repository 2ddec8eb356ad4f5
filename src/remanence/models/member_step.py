"""What a stack is told about a step of its training: which rows are a member's own, and what each one draws from."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class MemberStep:
    """One step of all members, whose rows are as many as the member with most of them has.

    A member must not notice the others: it draws as much as its own rows need, and nothing for those that fill up.
    """

    width: int
    """Rows of each member in this step, those that fill up included."""
    rows: Sequence[int]
    """Of each member, how many of them are its own; they stand first."""
    generators: Sequence[torch.Generator]
    """Of each member, on the device that it trains on."""

    def fill(self, values: Tensor, draw: Callable[[Tensor, torch.Generator], object]) -> None:
        """Let ``draw`` fill values (members, width, …) in place, each member's own rows from its generator."""
        for member, (generator, own) in enumerate(zip(self.generators, self.rows, strict=True)):
            draw(values[member, :own] if values.shape[1] == self.width else values[member], generator)

    @contextmanager
    def drawing_as(self, member: int) -> Iterator[None]:
        """Let torch's own generator be that of a member inside the block."""
        generator = self.generators[member]
        on_gpu = generator.device.type == "cuda"
        before = torch.cuda.get_rng_state(generator.device) if on_gpu else torch.get_rng_state()
        _set_state(generator.get_state(), generator.device)
        try:
            yield
        finally:
            generator.set_state(torch.cuda.get_rng_state(generator.device) if on_gpu else torch.get_rng_state())
            _set_state(before, generator.device)


_CURRENT: ContextVar[MemberStep | None] = ContextVar("member_step", default=None)


@contextmanager
def taking(step: MemberStep | None) -> Iterator[None]:
    """Tell the layers of a stack inside the block which step is taken; None: no stack is trained."""
    token = _CURRENT.set(step)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_step() -> MemberStep | None:
    """Return the step that is taken, or None where no stack is trained."""
    return _CURRENT.get()


def normal_like(values: Tensor) -> Tensor:
    """Return standard normal noise of the shape of ``values``, of each member of a stack from its own generator."""
    step = current_step()
    if step is None:
        return torch.randn_like(values)
    noise = torch.zeros(values.shape, dtype=values.dtype, device=values.device)
    step.fill(noise, lambda part, generator: part.normal_(generator=generator))
    return noise


def _set_state(state: Tensor, device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
