"""A training step as the layers of a stack see it: the rows of each member, and its random generator."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class MemberStep:
    """One training step of all members, which are padded to the row count of the largest member.

    A member must not depend on the other members. It therefore draws random numbers for its own rows only, and none for
    its padding.
    """

    width: int
    """Number of rows of each member in this step, padding included."""
    rows: Sequence[int]
    """Number of each member's own rows, which come before its padding."""
    generators: Sequence[torch.Generator]
    """Random generator of each member, on the device that it trains on."""

    def of(self, begin: int, end: int) -> "MemberStep":
        """Return the step as the members from ``begin`` to ``end`` take it."""
        return MemberStep(self.width, self.rows[begin:end], self.generators[begin:end])

    def fill(self, values: Tensor, draw: Callable[[Tensor, torch.Generator], object]) -> None:
        """Let ``draw`` fill values (members, width, …) in place.

        ``draw`` is called for each member with the values of the member's own rows and the member's generator.
        """
        for member, (generator, own) in enumerate(zip(self.generators, self.rows, strict=True)):
            draw(values[member, :own] if values.shape[1] == self.width else values[member], generator)

    @contextmanager
    def drawing_as(self, member: int) -> Iterator[None]:
        """Let torch's global generator continue the generator of a member inside the block."""
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
    """Tell the layers of a stack inside the block which step is taken; None if no stack is trained."""
    token = _CURRENT.set(step)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_step() -> MemberStep | None:
    """Return the step that is being taken, or None if no stack is trained."""
    return _CURRENT.get()


def normal_like(values: Tensor) -> Tensor:
    """Return standard normal noise in the shape of ``values``; each member of a stack draws from its own generator."""
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
